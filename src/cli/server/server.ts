import { access, constants } from 'node:fs/promises';
import { type Config, readConfig } from '../../config.ts';
import { createApp, createMetricsApp } from '../../http/app.ts';
import { SpillArea } from '../../http/batch/spill.ts';
import { MAX_BATCHES, MAX_REQUESTS } from '../../http/limit.ts';
import { fixedPaths } from '../../http/paths.ts';
import { localUrl } from '../../listen-address.ts';
import { messageOf } from '../../errors.ts';
import { createLog, LineBuffer, type Log } from '../../log.ts';
import { formatModelSelector } from '../../model/model-selector.ts';
import { importPublicKeys, type VerificationKeys } from '../../model/signing/ecdsa.ts';
import { fullDuplex, runtimeName } from '../../runtime.ts';
import { InFlight } from '../../serving/in-flight.ts';
import { registerInFlightMetrics } from '../../serving/in-flight-metrics.ts';
import { Experiment } from '../../serving/experiment.ts';
import { LiveModel } from '../../serving/live-model.ts';
import { Metrics } from '../../serving/metrics.ts';
import { Shadow } from '../../serving/shadow.ts';
import { createSources } from '../../serving/source.ts';
import { VERSION } from '../../version.ts';
import { spawnLoadWorker } from '../../workers.ts';
import { asUsageError, EXIT, type Io } from '../command.ts';
import { uploadWorkers } from '../scoring-workers.ts';
import { EarlyListener } from './early-listener.ts';
import { stopHandlingSignalsEarly } from './early-signals.ts';
import { listen } from './listen.ts';
import { ensureSampleModel } from './sample-model.ts';
import { shutdownGracefully } from './shutdown.ts';

/**
 * Serves until it is told to stop.
 *
 * @param opened listens on PORT already, where that could be had
 * @returns the exit code
 * @throws UsageError for bad settings
 */
export async function runServer(opened: EarlyListener | undefined, io: Io): Promise<number> {
  const { config, publicKeys } = await readSettings(io);
  return await run(config, publicKeys, opened ?? new EarlyListener(config.listenAddress, config.port), io);
}

async function readSettings({ env }: Io) {
  try {
    const config = readConfig(env);
    const pem = config.publicKeys;
    return { config, publicKeys: pem === undefined ? undefined : await importPublicKeys(pem) };
  } catch (error) {
    throw asUsageError(error);
  }
}

/** Everything is wired here: settings -> store -> live model -> app -> servers. Resolves when the server has stopped. */
async function run(
  config: Config,
  publicKeys: VerificationKeys | undefined,
  listener: EarlyListener,
  io: Io,
): Promise<number> {
  const format = config.logFormat ?? (io.stderr.isTTY ? 'pretty' : 'json');
  const lines = new LineBuffer((text) => io.stderr.write(text));
  // However it ends, what was logged is written.
  process.once('exit', lines.flush);
  const log = createLog(config.logLevel, format, lines.write);
  const metrics = new Metrics({
    version: VERSION,
    revision: io.env.GIT_SHA ?? 'unknown',
    runtime: runtimeName,
  });
  const inFlight = new InFlight();
  registerInFlightMetrics(metrics.registry, inFlight, { requests: MAX_REQUESTS, batches: MAX_BATCHES });
  const sources = createSources(config, publicKeys, log, (operation, result) =>
    metrics.storeRequests.inc({ operation, result }),
  );
  const shared = { log, metrics, spawnWorker: spawnLoadWorker, refreshMs: config.refreshMs };
  const live = new LiveModel({ ...shared, source: sources.champion, role: 'champion' });
  const challenger =
    sources.challenger && new LiveModel({ ...shared, source: sources.challenger, role: 'challenger' });
  const experiment = challenger && createExperiment(config, live, challenger, metrics);

  const { maxBodyBytes, maxUploadBytes, maxBatchRows } = config;
  const metricsServer = listen(
    { port: 'METRICS_PORT', address: 'METRICS_LISTEN_ADDRESS' },
    {
      address: config.metricsListenAddress,
      port: config.metricsPort,
      fetch: createMetricsApp({ metrics }).fetch,
      maxBodyBytes,
    },
  );
  const bounds = { maxBodyBytes, maxUploadBytes, maxBatchRows };
  const spill = new SpillArea(config.spill.directory, config.spill.maxBytes);
  if (config.spill.maxBytes > 0) void warnUnlessWritable(config.spill.directory, log);
  const { help } = config;
  const scoring = uploadWorkers(config.uploadWorkers);
  const batches = { scoring, spill, fullDuplex, ...bounds };
  const app = createApp({ live, experiment, metrics, inFlight, log, help, ...batches });
  const { server } = listener;
  listener.open(app.fetch, fixedPaths(app));
  log.info('listening', {
    address: server.address,
    port: server.port,
    metricsAddress: metricsServer.address,
    metricsPort: metricsServer.port,
    version: VERSION,
    runtime: runtimeName,
  });

  process.on('SIGHUP', () => {
    log.info('told to look for another model');
    void live.lookAgain();
    void challenger?.lookAgain();
  });
  const asked = new Promise<void>((resolve) => {
    process.on('SIGINT', () => resolve());
    process.on('SIGTERM', async () => {
      log.info('stopping: no longer ready, finishing what was asked');
      live.stop();
      challenger?.stop();
      await shutdownGracefully({ server, inFlight, graceMs: config.shutdownGraceMs });
      resolve();
    });
  });
  stopHandlingSignalsEarly();
  const running = (async () => {
    // Without a bucket nobody else can bring a model: when none can be made, the process ends and says why.
    if (config.bucket === undefined) await ensureSampleModel(config.modelDir, log);
    await live.start();
    // The second is looked for when the first is there, so that it delays no start.
    void challenger?.start();
    if (live.model !== undefined) log.info(`ready: open ${localUrl(server.address, server.port)}`);
    await asked;
  })();
  try {
    await Promise.race([asked, running]);
  } finally {
    live.stop();
    challenger?.stop();
    scoring?.close();
    await Promise.all([server.close(), metricsServer.close()]);
  }
  log.info('stopped');
  lines.flush();
  return EXIT.done;
}

/** Better known at the start than from the first upload that is cut for it. */
async function warnUnlessWritable(directory: string, log: Log): Promise<void> {
  try {
    await access(directory, constants.W_OK);
  } catch (error) {
    log.warn('uploads cannot wait on disk: make UPLOAD_SPILL_DIR a directory that can be written', {
      directory,
      reason: messageOf(error),
    });
  }
}

function createExperiment(config: Config, champion: LiveModel, challenger: LiveModel, metrics: Metrics) {
  const { selector, mode, percent } = config.challenger!;
  const shadow = new Shadow({ model: () => challenger.model, metrics: metrics.shadow });
  const name = `${formatModelSelector(config.modelSelector)} or ${formatModelSelector(selector)}`;
  return new Experiment({ champion, challenger, name, mode, percent, shadow });
}
