import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  formatIdentity,
  ownerState,
  ownIdentity,
  parseIdentity,
} from '../../../src/store/directory/process-identity.ts';
import { startChild } from '../../support/child.ts';

const PRINT_IDENTITY = `
  import { formatIdentity, ownIdentity } from './src/store/directory/process-identity.ts';
  console.log(formatIdentity(ownIdentity()));`;

describe('the identity of a process', () => {
  test('shows its own process as alive', () => {
    expect(ownerState(ownIdentity())).toBe('alive');
  });

  test('shows a process that has ended as dead', async () => {
    const identity = parseIdentity(await startChild(PRINT_IDENTITY).output());
    expect(identity).toBeDefined();
    expect(ownerState(identity!)).toBe('dead');
  });

  test('shows a running process as alive, and as dead once it is killed', async () => {
    await using child = startChild(`${PRINT_IDENTITY} console.log('waiting'); setInterval(() => {}, 1000);`);
    await child.printed('waiting');
    const identity = { ...ownIdentity(), pid: child.process.pid!, started: 0 };
    expect(ownerState(identity)).toBe('alive');
    await child.kill();
    expect(ownerState(identity)).toBe('dead');
  });

  test('is not taken for another process with the same id', () => {
    const own = ownIdentity();
    expect(own.started).toBeGreaterThan(0);
    expect(ownerState({ ...own, started: own.started - 1 })).toBe('dead');
  });

  test('says nothing of a process on another host', () => {
    expect(ownerState({ ...ownIdentity(), host: '0'.repeat(12) })).toBe('unknown');
  });

  test('is read back as it was written, whatever follows', () => {
    const identity = ownIdentity();
    expect(parseIdentity(formatIdentity(identity))).toEqual(identity);
    expect(parseIdentity(`${formatIdentity(identity)}-0123456789ab`)).toEqual(identity);
    expect(parseIdentity(`${formatIdentity(identity)} and more`)).toEqual(identity);
  });

  test('is not read from what is none, and never as a process group', () => {
    fc.assert(fc.property(fc.string(), (text) => parseIdentity(text) === undefined));
    for (const text of ['', `${'0'.repeat(12)}-0-1`, `${'0'.repeat(12)}--1-1`, `${'0'.repeat(12)}-1`])
      expect(parseIdentity(text)).toBeUndefined();
  });
});
