import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Artifact } from '../../src/model/artifact/artifact.ts';
import { loadModel } from '../../src/model/artifact/load.ts';
import type { Model } from '../../src/model/model.ts';
import { trainSampleModel } from '../../src/training/sample.ts';
import { spawnLoadWorker } from '../../src/workers.ts';

/** Small enough to be made in moments, and real: synthetic households, our trainer, our whole artifact. */
const SMALL = { rows: 400, freshRows: 2_000, forest: { trees: 12, depth: 6, nodeSize: 8 } };

const artifacts = new Map<string, Promise<Artifact>>();
let model: Promise<Model> | undefined;

/** The files of a small model under a version's name; the same for every test that asks in this process. */
export function testArtifact(version = 'test-1'): Promise<Artifact> {
  let artifact = artifacts.get(version);
  if (artifact === undefined) {
    const seed = Number(version.match(/\d+$/)?.[0] ?? 1);
    const now = new Date(Date.UTC(2026, 0, seed));
    artifact = trainSampleModel({ ...SMALL, forest: { ...SMALL.forest, seed }, version, now });
    artifacts.set(version, artifact);
  }
  return artifact;
}

/** The small model, loaded as the server loads it. */
export function testModel(): Promise<Model> {
  model ??= testArtifact().then((artifact) => loadModel(artifact, { spawn: spawnLoadWorker }));
  return model;
}

/** A fresh MODEL_DIR that holds these versions; it goes with the test process. */
export async function testModelDirectory(...versions: string[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'savings-models-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  for (const version of versions.length > 0 ? versions : ['test-1']) {
    await writeArtifact(join(directory, 'versions', version), await testArtifact(version));
  }
  return directory;
}

async function writeArtifact(folder: string, { files }: Artifact): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [path, bytes] of files) await writeFile(join(folder, path), bytes);
}
