import { afterEach, describe, expect, setSystemTime, test } from 'bun:test';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../../src/log.ts';
import { promoted } from '../../src/model/artifact/channel.ts';
import { LiveModel } from '../../src/serving/live-model.ts';
import { Metrics } from '../../src/serving/metrics.ts';
import { MirroredSource } from '../../src/serving/source.ts';
import { DirectoryStore } from '../../src/store/directory/directory.ts';
import { Mirror } from '../../src/store/mirror.ts';
import { Registry } from '../../src/store/registry.ts';
import { spawnLoadWorker } from '../../src/workers.ts';
import { testModelDirectory } from '../support/model.ts';

const REFRESH_SECONDS = 60;

async function promote(store: string, version: string): Promise<void> {
  const registry = new Registry(new DirectoryStore(store));
  const { sha256: manifestSha256 } = await registry.readManifest(version);
  const change = { version, manifestSha256, promotedAt: '2026-01-01T00:00:00Z', reason: 'a test' };
  await registry.writeChannel('prod', promoted(undefined, change), null);
}

/** A server's model from a store that is copied into a mirror, and what its metrics say of the last look. */
function follow(store: string, mirror: string) {
  const metrics = new Metrics({ version: '0', revision: 'test', runtime: 'test' });
  const remote = new Registry(new DirectoryStore(store));
  const live = new LiveModel({
    source: new MirroredSource({ channel: 'prod' }, remote, new Mirror({ remote, localRoot: mirror })),
    role: 'champion',
    log: createLog('error', 'json', () => {}),
    metrics,
    spawnWorker: spawnLoadWorker,
    refreshMs: REFRESH_SECONDS * 1000,
  });
  const value = async (series: string) => {
    const lines = (await metrics.registry.metrics()).split('\n');
    return Number(
      lines
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')
        .at(-1),
    );
  };
  return {
    live,
    refresh: () => value('savings_model_refresh_seconds'),
    checked: () => value('savings_model_checked_timestamp_seconds{role="champion"}'),
  };
}

describe('when the store last said which model is wanted', () => {
  const at = (seconds: number) => setSystemTime(new Date(seconds * 1000));
  const T = Date.UTC(2026, 0, 1) / 1000;
  afterEach(() => {
    setSystemTime();
  });

  test('is the last look that succeeded, whether or not it brought a new one', async () => {
    const store = await testModelDirectory('test-1');
    await promote(store, 'test-1');
    const mirror = await mkdtemp(join(tmpdir(), 'savings-mirror-'));
    const [first, second] = [follow(store, mirror), follow(store, mirror)];
    try {
      at(T);
      await first.live.start();
      expect(first.live.model?.version).toBe('test-1');
      expect([await first.refresh(), await first.checked()]).toEqual([REFRESH_SECONDS, T]);
      at(T + 60);
      await first.live.refresh();
      expect(await first.checked()).toBe(T + 60);

      await rename(store, `${store}-gone`);
      at(T + 120);
      await first.live.refresh();
      expect(first.live.state.failure).toBeDefined();
      expect(await first.checked()).toBe(T + 60);

      // One that starts now serves the mirror's, which may not be the wanted one: it counts from its start.
      at(T + 180);
      const started = second.live.start();
      at(T + 200);
      await started;
      expect(second.live.state).toMatchObject({ model: { version: 'test-1' }, stale: expect.any(String) });
      at(T + 240);
      await second.live.refresh();
      expect(await second.checked()).toBe(T + 180);

      await rename(`${store}-gone`, store);
      at(T + 300);
      await second.live.refresh();
      expect(await second.checked()).toBe(T + 300);
    } finally {
      for (const { live } of [first, second]) live.stop();
      await rm(mirror, { recursive: true });
    }
  });
});
