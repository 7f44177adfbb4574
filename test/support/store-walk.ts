/**
 * Uses both stores once in every way and prints how each use ended, so that runtimes can be compared.
 * Arguments: a directory, an S3 endpoint, a bucket in it, the endpoint of a faulty server.
 */
import process from 'node:process';
import { DirectoryStore } from '../../src/store/directory/directory.ts';
import { S3Store } from '../../src/store/s3/s3.ts';
import type { Store } from '../../src/store/store.ts';
import { writeVersionWhole } from '../../src/store/version-folder.ts';

const [directory = '', endpoint = '', bucket = '', faultyEndpoint = ''] = process.argv.slice(2);
const credentials = { accessKeyId: 'owner-key', secretAccessKey: 'owner-secret' };
const region = 'us-east-1';
const text = (value: string) => new TextEncoder().encode(value);
const options = { maxBytes: 100_000, timeoutMs: 20_000 };

async function ending(work: Promise<unknown>): Promise<string> {
  try {
    const value = await work;
    return typeof value === 'string' && value !== 'unchanged' ? 'etag' : (JSON.stringify(value) ?? 'done');
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

async function walk(store: Store): Promise<string[]> {
  const etag = await store.compareAndSwap('channels/prod.json', text('1'), null);
  return [
    await ending(store.putIfAbsent('versions/1/file', text('one'))),
    await ending(store.putIfAbsent('versions/1/file', text('two'))),
    await ending(store.get('versions/1/file', { ...options, maxBytes: 2 })),
    await ending(store.get('missing', options)),
    await ending(store.get('../outside', options)),
    await ending(store.get('channels/prod.json', { ...options, ifNoneMatch: etag })),
    await ending(store.compareAndSwap('channels/prod.json', text('2'), etag)),
    await ending(store.compareAndSwap('channels/prod.json', text('3'), etag)),
    await ending(store.get('channels/prod.json', options).then(({ bytes }) => [...bytes])),
    await ending(store.list('')),
  ];
}

const version = new Map([['file', text('x')]]);
const limits = { connectMs: 200, responseMs: 200, idleMs: 200, attempts: 2 };
const faulty = new S3Store({ bucket, endpoint: faultyEndpoint, region, credentials, limits });
const faults = ['hang', 'stall', 'trickle', 'truncated', 'reset', 'garbage', 'endless', 'truncated-once'];
console.log(
  JSON.stringify({
    directory: await walk(new DirectoryStore(directory)),
    s3: await walk(new S3Store({ bucket, endpoint, region, credentials })),
    versions: [
      await ending(writeVersionWhole(`${directory}/versions`, 'whole', version)),
      await ending(writeVersionWhole(`${directory}/versions`, 'whole', version)),
    ],
    faults: await Promise.all(
      faults.map(
        async (fault) => `${fault}: ${await ending(faulty.get(fault, { ...options, timeoutMs: 800 }))}`,
      ),
    ),
  }),
);
