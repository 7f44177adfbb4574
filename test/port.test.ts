import { expect, test } from 'bun:test';
import { readConfig } from '../src/config.ts';
import { plainPort } from '../src/port.ts';

const settingOf = (PORT: string | undefined) => {
  try {
    return readConfig({ PORT, METRICS_PORT: '0' }).port;
  } catch {
    return undefined;
  }
};

test.each([
  undefined,
  '',
  ' ',
  '0',
  '80',
  ' 8080\n',
  '000080',
  '65535',
  '65536',
  '-1',
  '+80',
  '80.0',
  '8e1',
  '0x50',
  '8 0',
  '1'.repeat(16),
])('PORT=%j is read early as it is read with the other settings', (PORT) => {
  expect(plainPort(PORT)).toBe(settingOf(PORT));
});
