import { createHash } from 'node:crypto';
import type { Inputs } from '../model/features.ts';
import type { Model } from '../model/model.ts';
import type { Prediction } from '../model/prediction.ts';
import type { LiveModel, LiveModelState } from './live-model.ts';
import type { Role } from './metrics.ts';
import type { Shadow } from './shadow.ts';

/** The model that serves a request, and in which role. */
export interface Variant {
  model: Model;
  role: Role;
}

export type ExperimentMode = 'shadow' | 'split';

export interface ExperimentOptions {
  champion: Pick<LiveModel, 'model'>;
  challenger: Pick<LiveModel, 'model' | 'state'>;
  /** What the two are called in the settings; all servers with the same settings divide subjects alike. */
  name: string;
  mode: ExperimentMode;
  /** The share of the subjects that a split gives to the challenger. */
  percent: number;
  /** Compares in `shadow` mode. */
  shadow: Shadow;
}

/** A champion and a challenger: which of them serves whom, and what is compared. */
export class Experiment {
  readonly mode: ExperimentMode;
  readonly percent: number;
  readonly #options: ExperimentOptions;

  constructor(options: ExperimentOptions) {
    this.mode = options.mode;
    this.percent = options.percent;
    this.#options = options;
  }

  get challenger(): Readonly<LiveModelState> {
    return this.#options.challenger.state;
  }

  /** Whether the prediction depends on who asks. */
  get splits(): boolean {
    return this.mode === 'split' && this.percent > 0;
  }

  /**
   * The same subject gets the same variant for as long as the experiment's name and percentage stay; more percent move
   * subjects to the challenger and none back. A subject is not kept, and neither is its hash.
   *
   * @param subject any text that stands for whoever asks; without one the champion serves
   * @returns undefined while there is no champion
   */
  variantOf(subject: string | undefined): Variant | undefined {
    const { champion, challenger } = this.#options;
    if (
      this.splits &&
      subject !== undefined &&
      challenger.model !== undefined &&
      champion.model !== undefined
    ) {
      if (shareOf(this.#options.name, subject) * 100 < this.percent)
        return { model: challenger.model, role: 'challenger' };
    }
    return champion.model && { model: champion.model, role: 'champion' };
  }

  /** Call it with what was predicted; in `shadow` mode the challenger predicts the same, later. */
  answered({ model, role }: Variant, inputs: readonly Inputs[], predictions: readonly Prediction[]): void {
    if (this.mode === 'shadow' && role === 'champion') this.#options.shadow.offer(model, inputs, predictions);
  }
}

/** Where a subject lies in an experiment: evenly from 0 to 1, and unlike where it lies in another. */
function shareOf(experiment: string, subject: string): number {
  const hash = createHash('sha256').update(`${experiment}\0${subject}`).digest();
  return hash.readUInt32BE(0) / 2 ** 32;
}
