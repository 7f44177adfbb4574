import { setDefaultTimeout } from 'bun:test';

// No test asserts a time; five seconds, bun's own default, is little on a machine that does other things too.
setDefaultTimeout(30_000);
