import { describe, expect, test } from 'bun:test';
import { readConfig } from '../src/config.ts';
import { localUrl, plainAddress } from '../src/listen-address.ts';

const settingOf = (LISTEN_ADDRESS: string | undefined) => {
  try {
    return readConfig({ LISTEN_ADDRESS }).listenAddress;
  } catch {
    return undefined;
  }
};

const ADDRESSES = ['::', '::1', '0.0.0.0', '127.0.0.1', '2001:DB8::1', '::ffff:127.0.0.1'];
const OTHERS = [
  'localhost',
  '*',
  '127.1',
  '0',
  '0177.0.0.1',
  '256.0.0.1',
  '1.2.3',
  '1.2.3.4.',
  '[::1]',
  '::1]/',
  '1::2::3',
  ':',
  'abc',
  'fe80::1%eth0',
  '127.0.0.1:80',
  '127.0.0.0/8',
];

describe('LISTEN_ADDRESS', () => {
  test.each([undefined, '', ' ', ' ::1\n', ...ADDRESSES, ...OTHERS])(
    '%j is read early as it is read with the other settings',
    (text) => {
      expect(plainAddress(text)).toBe(settingOf(text));
    },
  );

  test.each(ADDRESSES)('%s is an address', (text) => {
    expect(plainAddress(text)).toBe(text);
  });

  test.each(OTHERS)('%s is none', (text) => {
    expect(plainAddress(text)).toBeUndefined();
  });
});

test.each([
  ['::', 'http://localhost:80'],
  ['0.0.0.0', 'http://localhost:80'],
  ['127.0.0.1', 'http://127.0.0.1:80'],
  ['::1', 'http://[::1]:80'],
  ['2001:db8::1', 'http://[2001:db8::1]:80'],
])('what listens on %s is opened at %s', (address, url) => {
  expect(localUrl(address, 80)).toBe(url);
});
