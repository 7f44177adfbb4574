import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { freePort } from './free-port.ts';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

/** For the hook that first asks for the server: a busy machine may need longer than a test's usual five seconds. */
export const S3_START_MS = 60_000;

/** A running radosgw. */
export interface S3Server {
  endpoint: string;
  region: string;
  credentials: Credentials;
  /** Keys that are valid and have no right to any bucket of the tests. */
  stranger: Credentials;
  /** Makes an empty bucket, so that no test sees another's objects. */
  newBucket(): Promise<string>;
  /** An SDK client of the test's own, to look behind the code under test. */
  client: S3Client;
}

const SHARED = Symbol.for('savings.test.s3-server');
type Shared = typeof globalThis & { [SHARED]?: Promise<S3Server> };

/**
 * The S3 server of this test run: started by the first test file that asks, about two seconds, and stopped when the
 * run ends, however it ends (see radosgw.sh). Ask `requireTool('radosgw')` first.
 */
export function s3Server(): Promise<S3Server> {
  const shared = globalThis as Shared;
  shared[SHARED] ??= start();
  return shared[SHARED];
}

async function start(): Promise<S3Server> {
  const script = fileURLToPath(new URL('./radosgw.sh', import.meta.url));
  const ports = await Promise.all([freePort(), freePort()]);
  // Its standard input is the lease: it ends with this process.
  const child = spawn(script, ports.map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
  child.unref();
  const endpoint = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`radosgw.sh ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length));
    });
  });
  const region = 'us-east-1';
  const keysOf = (user: string) => ({ accessKeyId: `${user}-key`, secretAccessKey: `${user}-secret` });
  const credentials = keysOf('owner');
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  let buckets = 0;
  const newBucket = async () => {
    const Bucket = `test-${process.pid}-${++buckets}`;
    await client.send(new CreateBucketCommand({ Bucket }));
    return Bucket;
  };
  return { endpoint, region, credentials, stranger: keysOf('stranger'), newBucket, client };
}
