import { describe, expect, test } from 'bun:test';
import { tmpdir } from 'node:os';
import { readConfig } from '../src/config.ts';
import { AppError } from '../src/errors.ts';

function faultOf(environment: Record<string, string>): string {
  try {
    readConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('invalid');
    return (error as AppError).message;
  }
  throw new Error('the settings were accepted');
}

describe('readConfig', () => {
  test('has a default for everything', () => {
    expect(readConfig({})).toMatchObject({
      port: 8080,
      metricsPort: 9464,
      listenAddress: '::',
      metricsListenAddress: '::',
      modelDir: './models',
      bucket: undefined,
      modelSelector: { channel: 'prod' },
      refreshMs: 60_000,
      shutdownGraceMs: 20_000,
      maxBodyBytes: 1_048_576,
    });
  });

  test('takes a blank variable for an unset one', () => {
    expect(readConfig({ PORT: '', MODEL_BUCKET: '  ', METRICS_PORT: ' ' })).toEqual(readConfig({}));
  });

  test('keeps room on disk for the largest upload, or for none', () => {
    expect(readConfig({ MAX_UPLOAD_BYTES: '5000' }).spill).toEqual({ directory: tmpdir(), maxBytes: 5_000 });
    expect(readConfig({ UPLOAD_SPILL_BYTES: '0', UPLOAD_SPILL_DIR: '/spill' }).spill).toEqual({
      directory: '/spill',
      maxBytes: 0,
    });
    expect(faultOf({ UPLOAD_SPILL_BYTES: '4999', MAX_UPLOAD_BYTES: '5000' })).toContain(
      'UPLOAD_SPILL_BYTES must be 0, or at least MAX_UPLOAD_BYTES',
    );
  });

  test('takes a number of threads for uploads, or none', () => {
    expect(readConfig({}).uploadWorkers).toBeUndefined();
    expect(readConfig({ UPLOAD_WORKERS: '0' }).uploadWorkers).toBe(0);
    expect(faultOf({ UPLOAD_WORKERS: '65' })).toContain('UPLOAD_WORKERS must be a whole number from 0 to 64');
  });

  test('takes one line of where to turn, with an address or without', () => {
    expect(readConfig({}).help).toBeUndefined();
    const HELP_LINE = 'Free advice on debts: 1800 000 000, every day.';
    expect(readConfig({ HELP_LINE }).help).toEqual({ text: HELP_LINE, link: undefined });
    const HELP_LINK = 'https://advice.example/debts';
    expect(readConfig({ HELP_LINE, HELP_LINK }).help).toEqual({ text: HELP_LINE, link: HELP_LINK });
    for (const [environment, fault] of [
      [{ HELP_LINE: 'x'.repeat(401) }, 'HELP_LINE must be at most 400 characters'],
      [{ HELP_LINE: 'two\nlines' }, 'HELP_LINE must be printable text'],
      [{ HELP_LINE, HELP_LINK: 'http://advice.example' }, 'HELP_LINK must be an https address'],
      [{ HELP_LINE, HELP_LINK: 'javascript:alert(1)' }, 'HELP_LINK must be an https address'],
      [{ HELP_LINK }, 'HELP_LINK needs HELP_LINE'],
    ] as const)
      expect(faultOf(environment)).toContain(fault);
  });

  test('takes the place among shards that a Job gives', () => {
    const { shard, shards } = readConfig({ JOB_COMPLETION_INDEX: '2', SHARD_COUNT: '3' });
    expect([shard, shards]).toEqual([2, 3]);
    for (const [environment, fault] of [
      [{ JOB_COMPLETION_INDEX: '3' }, 'JOB_COMPLETION_INDEX must be less than SHARD_COUNT, which it needs'],
      [{ JOB_COMPLETION_INDEX: '3', SHARD_COUNT: '3' }, 'JOB_COMPLETION_INDEX must be less than SHARD_COUNT'],
      [{ SHARD_COUNT: '0' }, 'SHARD_COUNT must be a whole number from 1 to 100000'],
    ] as const)
      expect(faultOf(environment)).toContain(fault);
  });

  test('takes no address for a directory', () => {
    for (const MODEL_DIR of ['s3://bucket/models', '~/models', 'file:///models'])
      expect(faultOf({ MODEL_DIR })).toContain('MODEL_DIR must be a directory');
    expect(readConfig({ MODEL_DIR: './s3:/models' }).modelDir).toBe('./s3:/models');
  });

  test('names every bad variable in one message', () => {
    const fault = faultOf({
      PORT: '80801',
      METRICS_PORT: 'x',
      MODEL_REFRESH_SECONDS: '-1',
      MODEL_VERSION: '../etc',
      LOG_LEVEL: 'loud',
      MODEL_BUCKET: 's3://b',
    });
    for (const name of [
      'PORT',
      'METRICS_PORT',
      'MODEL_REFRESH_SECONDS',
      'MODEL_VERSION',
      'LOG_LEVEL',
      'MODEL_BUCKET',
    ]) {
      expect(fault).toContain(`${name} must`);
    }
  });

  test.each([
    [
      'the two ports alike',
      { PORT: '9000', METRICS_PORT: '9000' },
      'METRICS_PORT must not be the same as PORT',
    ],
    ['a prefix without a bucket', { MODEL_PREFIX: 'a' }, 'MODEL_PREFIX needs MODEL_BUCKET'],
    ['a prefix that climbs', { MODEL_BUCKET: 'bucket', MODEL_PREFIX: 'a/../b' }, 'MODEL_PREFIX'],
    ['a key that is no PEM', { MODEL_PUBLIC_KEY: 'c2VjcmV0' }, 'MODEL_PUBLIC_KEY must be public keys in PEM'],
    ['a mode that is none', { MODEL_CHALLENGER_MODE: 'ab' }, 'MODEL_CHALLENGER_MODE must be shadow or split'],
    [
      'more than all',
      { MODEL_CHALLENGER_PERCENT: '101' },
      'MODEL_CHALLENGER_PERCENT must be a whole number from 0 to 100',
    ],
    [
      'a name for an address',
      { LISTEN_ADDRESS: 'localhost' },
      'LISTEN_ADDRESS must be an IP address such as 127.0.0.1 or ::1',
    ],
    ['1e3 for a number', { PORT: '1e3' }, 'PORT must be a whole number'],
    ['a channel with a slash', { MODEL_VERSION: 'channel:a/b' }, 'MODEL_VERSION must be a version'],
  ])('refuses %s', (_, environment, fault) => {
    expect(faultOf(environment as unknown as Record<string, string>)).toContain(fault);
  });

  test('keeps the metrics to where the rest is, unless it is told where', () => {
    expect(readConfig({ LISTEN_ADDRESS: '127.0.0.1' }).metricsListenAddress).toBe('127.0.0.1');
    expect(
      readConfig({ LISTEN_ADDRESS: '127.0.0.1', METRICS_LISTEN_ADDRESS: '::' }).metricsListenAddress,
    ).toBe('::');
  });

  test('never repeats a value: it could be a secret put into the wrong variable', () => {
    expect(faultOf({ PORT: 'hunter2', MODEL_BUCKET: 'hunter2!', LOG_LEVEL: 'hunter2' })).not.toContain(
      'hunter2',
    );
  });

  test('takes the slash off a prefix', () => {
    expect(readConfig({ MODEL_BUCKET: 'bucket', MODEL_PREFIX: 'a/b/' }).bucket).toMatchObject({
      name: 'bucket',
      prefix: 'a/b',
    });
  });
});
