import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { pathFault } from '../src/local-path.ts';

describe('pathFault', () => {
  test.each([
    'S3://bucket/prefix',
    's3:/bucket/prefix',
    ' s3://bucket/prefix',
    '"s3://bucket/prefix"',
    's3a://bucket/prefix',
    'https://bucket.s3.amazonaws.com/p',
    'http://localhost:9000/bucket',
    'gs://bucket/prefix',
    'az://container/x',
    'file:///models',
    'arn:aws:s3:::bucket',
    '~',
    '~/models',
    '~somebody/models',
    '',
    '  ',
  ])('%p is no path', (text) => {
    expect(pathFault(text, 'a directory')).toStartWith('must be a directory');
  });

  test.each([
    'models',
    './models',
    '../models',
    '/var/models',
    'models/2026:06',
    'models/s3://x',
    './S3:/x',
    './~',
    'a~b',
    '2026-11-27T10:00.csv',
    'données/épargne.csv',
    '$HOME',
  ])('%p is one', (text) => {
    expect(pathFault(text, 'a directory')).toBeUndefined();
  });

  test('every name, whatever it holds, is reached by a leading ./ or /', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.constantFrom('./', '../', '/'), (name, before) => {
        expect(pathFault(before + name, 'a file')).toBeUndefined();
      }),
    );
  });

  test('says how a bucket is written, and never what was given', () => {
    const told = pathFault('https://key:secret@bucket.s3.amazonaws.com/p', 'a directory');
    expect(told).toContain('s3://BUCKET/PREFIX');
    expect(told).not.toContain('secret');
    expect(pathFault('arn:aws:s3:::bucket', 'a directory')).toContain('s3://BUCKET/PREFIX');
    expect(pathFault('gs://bucket', 'a directory')).not.toContain('s3://');
  });
});
