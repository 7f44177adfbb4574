import { expect, test } from 'bun:test';
import { readConfig } from '../../src/config.ts';
import { DirectoryStore } from '../../src/store/directory/directory.ts';
import { openStore } from '../../src/store/open-store.ts';
import { S3Store } from '../../src/store/s3/s3.ts';

test('openStore opens what the settings name: the directory, or the bucket in its place', () => {
  const directory = openStore(readConfig({ MODEL_DIR: '/models' }));
  expect(directory).toBeInstanceOf(DirectoryStore);
  expect(directory.name).toBe('/models');
  const bucket = { MODEL_BUCKET: 'a-bucket', MODEL_PREFIX: 'models/savings/' };
  const s3 = openStore(readConfig({ MODEL_DIR: '/models', ...bucket }));
  expect(s3).toBeInstanceOf(S3Store);
  expect(s3.name).toBe('s3://a-bucket/models/savings');
});
