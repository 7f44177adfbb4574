import { expect, test } from 'bun:test';
import { imageIdOf, PROGRAMS, programOf } from '../../../../tools/cluster/agent/programs.ts';
import { IMAGES, RUN } from '../../../../tools/cluster/images.ts';

test('there is a program for each image that is said to be run', () => {
  expect(Object.keys(PROGRAMS).sort()).toEqual(RUN.toSorted());
  expect(programOf(IMAGES.good, '/nowhere')?.command).toEqual(['/savings']);
  expect(programOf('docker.io/library/other:1', '/nowhere')).toBeUndefined();
});

test('an image is known by its digest', () => {
  expect(imageIdOf(IMAGES.good)).toBe(IMAGES.good);
  expect(imageIdOf('registry.example:5000/prom/prometheus:v3')).toMatch(
    /^registry\.example:5000\/prom\/prometheus@sha256:[0-9a-f]{64}$/,
  );
});
