import type { ScoringPool } from '../dataset/scoring/scoring-pool.ts';
import type { Log } from '../log.ts';
import type { Experiment } from '../serving/experiment.ts';
import type { InFlight } from '../serving/in-flight.ts';
import type { LiveModel } from '../serving/live-model.ts';
import type { Metrics } from '../serving/metrics.ts';
import type { SpillArea } from './batch/spill.ts';

/** What the routes need: one plain object, wired by hand in cli/server.ts. */
export interface Deps {
  /** The champion. */
  live: Pick<LiveModel, 'state' | 'model'>;
  /** Undefined where there is no challenger. */
  experiment?: Experiment | undefined;
  metrics: Metrics;
  inFlight: InFlight;
  log: Log;
  /** Where a household that overspends can turn; undefined where the deployment says nothing. */
  help?: { text: string; link: string | undefined } | undefined;
  /** The bound of any body but a batch's. */
  maxBodyBytes: number;
  maxUploadBytes: number;
  maxBatchRows: number;
  /** Scores the rows of batches; undefined: the thread of all requests does. */
  scoring?: ScoringPool | undefined;
  /** Where a batch's body waits while its client does not read the response. */
  spill: SpillArea;
  /** Whether the runtime goes on reading a request while its response is not read. */
  fullDuplex: boolean;
}
