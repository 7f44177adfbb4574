import { afterAll, describe } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryStore } from '../../src/store/directory.ts';
import { storeContract } from './contract.ts';

const work = await mkdtemp(join(tmpdir(), 'savings-directory-'));
afterAll(() => rm(work, { recursive: true, force: true }));
let roots = 0;
const newRoot = () => join(work, `root-${++roots}`);

describe('DirectoryStore, as any store', () => {
  storeContract(async (onRequest) => new DirectoryStore(newRoot(), onRequest && { onRequest }));
});
