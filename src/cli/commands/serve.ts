import { defineCommand } from '../command.ts';
import { openEarly } from '../server/early-listener.ts';
import { handleSignalsEarly } from '../server/early-signals.ts';

/** In pieces, between which the event loop turns: a probe then waits for one of them, not for the whole program. */
const PIECES = [
  () => import('zod'),
  () => import('../../model/manifest.ts'),
  () => import('../../config.ts'),
  () => import('prom-client'),
  () => import('../../model/signing/ecdsa.ts'),
  () => import('../../http/app.ts'),
];

export const serveCommand = defineCommand({
  help: `Usage: savings serve

It serves on PORT (8080), with metrics on METRICS_PORT (9464), and takes its settings from the environment;
docs/settings.md lists them. SIGTERM ends it without losing a request, SIGINT at once; SIGHUP makes it look for
another model now.
`,
  options: {},
  async run(_values, _positionals, io) {
    handleSignalsEarly();
    const opened = openEarly(io.env);
    for (const load of PIECES) {
      await new Promise((resolve) => setTimeout(resolve));
      await load();
    }
    return await (await import('../server/server.ts')).runServer(opened, io);
  },
});
