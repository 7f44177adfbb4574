import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isAppError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { DirectoryStore } from '../../store/directory/directory.ts';
import { fileError } from '../../store/directory/durable-file.ts';
import { Registry } from '../../store/registry.ts';
import { writeVersionWhole } from '../../store/version-folder.ts';
import { trainingWorkers } from '../training-workers.ts';

const REPORT_EVERY_MS = 1_000;

/**
 * Makes sure that a first start has something to serve: trains the sample model when the directory holds no version.
 * Never called when models come from a bucket.
 *
 * @throws AppError `unavailable` when the directory cannot be written
 */
export async function ensureSampleModel(modelDir: string, log: Log, signal?: AbortSignal): Promise<void> {
  const registry = new Registry(new DirectoryStore(modelDir));
  if ((await registry.listVersions()).length > 0) return;
  await checkWritable(join(modelDir, 'versions'));
  log.info('no model yet: training a sample model on rows of the documented synthetic distribution', {
    modelDir,
  });
  const began = performance.now();
  let reportedAt = began;
  // Most starts find a model, and need nothing of what makes one.
  const { trainSampleModel } = await import('../../training/sample.ts');
  const { files, manifest } = await trainSampleModel({
    signal,
    workers: trainingWorkers(),
    onProgress({ phase, done, total }) {
      if (performance.now() - reportedAt < REPORT_EVERY_MS) return;
      reportedAt = performance.now();
      log.info('training', { phase, percent: total && Math.round((100 * done) / total) });
    },
  });
  try {
    await writeVersionWhole(join(modelDir, 'versions'), manifest.version, files);
  } catch (error) {
    // Another process on the same directory was faster; its model is as good.
    if (!isAppError(error, 'conflict') || (await registry.listVersions()).length === 0) throw error;
    return;
  }
  const { model, linear } = manifest.metrics;
  log.info('trained the sample model', {
    version: manifest.version,
    seconds: Math.round((performance.now() - began) / 100) / 10,
    mae: Math.round(model.mae),
    linearMae: Math.round(linear.mae),
  });
}

/** A directory that cannot be written is better known before the training than after it. */
async function checkWritable(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.W_OK);
  } catch (error) {
    throw fileError('write', directory, error);
  }
}
