import { expect, test } from 'bun:test';
import { PodAddresses } from '../../../../tools/cluster/agent/pod-addresses.ts';

test('each pod gets the next one; one that is free again comes last', () => {
  const addresses = new PodAddresses('10.0.64.0/29');
  const first = Array.from({ length: 5 }, () => addresses.take());
  expect(first).toEqual(['10.0.64.1', '10.0.64.2', '10.0.64.3', '10.0.64.4', '10.0.64.5']);
  addresses.free('10.0.64.2');
  expect([addresses.take(), addresses.take()]).toEqual(['10.0.64.6', '10.0.64.2']);
  expect(() => addresses.take()).toThrow('all are taken');
});

test('there are as many as the range has', () => {
  const addresses = new PodAddresses();
  const all = Array.from({ length: 2 ** 14 - 2 }, () => addresses.take());
  expect(new Set(all).size).toBe(all.length);
  expect(all.at(-1)).toBe('10.0.127.254');
});
