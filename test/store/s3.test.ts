import { describe } from 'bun:test';
import { S3Store } from '../../src/store/s3.ts';
import { requireTool } from '../support/require-tool.ts';
import { s3Server } from '../support/s3-server.ts';
import { storeContract } from './contract.ts';

describe.skipIf(!requireTool('radosgw'))('S3Store on a real S3 server', () => {
  describe('as any store', () => {
    let prefixes = 0;
    let bucket: Promise<string> | undefined;
    storeContract(async (onRequest) => {
      const { endpoint, region, credentials, newBucket } = await s3Server();
      bucket ??= newBucket();
      const prefix = `models/${++prefixes}`;
      return new S3Store({ bucket: await bucket, prefix, endpoint, region, credentials, onRequest });
    });
  });
});
