import { parseArgs } from 'node:util';
import { type Config, readConfig } from '../config.ts';
import { AppError, messageOf } from '../errors.ts';
import { createApp, createMetricsApp } from '../http/app.ts';
import { createLog, LineBuffer } from '../log.ts';
import { importPublicKey, type VerificationKey } from '../model/ecdsa.ts';
import { runtimeName, type ServeOptions, type Server, serve } from '../runtime.ts';
import { Activity } from '../serving/activity.ts';
import { Experiment } from '../serving/experiment.ts';
import { Live } from '../serving/live.ts';
import { Metrics } from '../serving/metrics.ts';
import { Shadow } from '../serving/shadow.ts';
import { createSources } from '../serving/source.ts';
import { VERSION } from '../version.ts';
import { spawnLoadWorker } from '../workers.ts';
import { type Command, EXIT, type Io } from './command.ts';
import { ensureSampleModel } from './sample-model.ts';
import { stopGracefully } from './stop.ts';

const HELP = `savings serve: answer on PORT (8080), with metrics on METRICS_PORT (9464)

Usage: savings serve

It takes its settings from the environment; README.md lists them. SIGTERM ends it without losing a request,
SIGINT at once; SIGHUP makes it look for another model now.
`;

export const serveCommand: Command = {
  summary: 'answer predictions over HTTP (the default)',
  async run(args, io) {
    const { values } = parseArgs({ args, options: { help: { type: 'boolean', short: 'h' } } });
    if (values.help) {
      io.stdout.write(HELP);
      return EXIT.done;
    }
    let config: Config;
    let publicKey: VerificationKey | undefined;
    try {
      config = readConfig(io.env);
      publicKey = config.publicKey === undefined ? undefined : await importPublicKey(config.publicKey);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      io.stderr.write(`savings serve: ${error.message}\n`);
      return EXIT.wrongUse;
    }
    return await run(config, publicKey, io);
  },
};

/** Everything is wired here: settings -> store -> live model -> app -> servers. Resolves when the server has stopped. */
async function run(config: Config, publicKey: VerificationKey | undefined, io: Io): Promise<number> {
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
  const activity = new Activity();
  const sources = createSources(config, publicKey, log, (operation, result) =>
    metrics.storeRequests.inc({ operation, result }),
  );
  const shared = { log, metrics, spawnWorker: spawnLoadWorker, refreshMs: config.refreshMs };
  const live = new Live({ ...shared, source: sources.champion, role: 'champion' });
  const challenger =
    sources.challenger && new Live({ ...shared, source: sources.challenger, role: 'challenger' });
  const experiment = challenger && createExperiment(config, live, challenger, metrics);

  const { maxBodyBytes, maxUploadBytes, maxBatchRows } = config;
  const metricsServer = listen('METRICS_PORT', {
    port: config.metricsPort,
    fetch: createMetricsApp({ metrics }).fetch,
    maxBodyBytes,
  });
  const bounds = { maxBodyBytes, maxUploadBytes, maxBatchRows };
  const app = createApp({ live, experiment, metrics, activity, log, ...bounds });
  const server = listen('PORT', {
    port: config.port,
    fetch: app.fetch,
    // The runtime holds one bound for all routes; each holds its own, smaller one.
    maxBodyBytes: Math.max(maxBodyBytes, maxUploadBytes),
  });
  log.info('listening', {
    port: server.port,
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
      await stopGracefully({ server, activity, graceMs: config.shutdownGraceMs });
      resolve();
    });
  });
  const running = (async () => {
    // Without a bucket nobody else can bring a model: when none can be made, the process ends and says why.
    if (config.bucket === undefined) await ensureSampleModel(config.modelDir, log);
    await live.start();
    // The second is looked for when the first is there, so that it delays no start.
    void challenger?.start();
    if (live.model !== undefined) log.info(`ready: open http://localhost:${server.port}`);
    await asked;
  })();
  try {
    await Promise.race([asked, running]);
  } finally {
    live.stop();
    challenger?.stop();
    await Promise.all([server.close(), metricsServer.close()]);
  }
  log.info('stopped');
  lines.flush();
  return EXIT.done;
}

function createExperiment(config: Config, champion: Live, challenger: Live, metrics: Metrics) {
  const { reference, mode, percent } = config.challenger!;
  const shadow = new Shadow({ model: () => challenger.model, metrics: metrics.shadow });
  const name = `${config.modelReference} or ${reference}`;
  return new Experiment({ champion, challenger, name, mode, percent, shadow });
}

/** @throws AppError that names the setting when the port cannot be had */
function listen(setting: string, options: ServeOptions): Server {
  try {
    return serve(options);
  } catch (cause) {
    throw new AppError(
      'unavailable',
      `Cannot listen on port ${options.port} (${messageOf(cause)}): stop what uses it, or set ${setting} to another.`,
      { cause },
    );
  }
}
