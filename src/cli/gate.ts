import { AppError, messageOf } from '../errors.ts';
import { LEAST_ROWS } from '../dataset/non-inferiority.ts';
import type { LabelledTable } from '../dataset/read-labelled.ts';
import { counted } from '../model/counted.ts';
import type { Model } from '../model/model.ts';
import type { PromotionRequest } from '../store/promotion.ts';
import type { Registry } from '../store/registry.ts';
import { type Io, UsageError, type Values } from './command.ts';
import {
  BASELINE_NAMES,
  DECIDING,
  type Evaluated,
  type Evaluation,
  evaluateModel,
  type EvaluationOptions,
} from './evaluation.ts';
import { judgementText } from './judgement-text.ts';
import { LABELLED, LABELLED_OPTIONS, labelledOptionsOf, labelledTables } from './labelled-data.ts';
import { verifyByLoading } from './open-version.ts';
import { textOption } from './option-values.ts';

/** The options of a promotion that say what a model has to pass. */
export const GATE_OPTIONS = {
  gate: {
    type: 'string',
    value: 'LABELLED',
    help: `rows on which the version must not be worse than what the channel names.\n${LABELLED}`,
  },
  'no-gate': {
    type: 'string',
    value: 'REASON',
    help: 'why there is none, where the channel needs one; kept in the channel, behind its reason',
  },
  ...LABELLED_OPTIONS,
} as const;

/** The channels that people are served by. */
export const GATED = /^prod(uction)?(-|$)/;

/** How a version is to be let into a channel. */
export type Gate =
  | { tables: readonly LabelledTable[]; options: EvaluationOptions }
  | { waived: string }
  | undefined;

/** @throws UsageError also where the channel needs a gate and there is none */
export async function gateOf(channel: string, values: Values<typeof GATE_OPTIONS>, io: Io): Promise<Gate> {
  const { gate, 'no-gate': waived } = values;
  if (gate !== undefined && waived !== undefined) throw new UsageError('Give --gate or --no-gate, not both.');
  if (gate !== undefined)
    return { tables: await labelledTables('--gate', gate, io), options: labelledOptionsOf(values) };
  for (const name of Object.keys(LABELLED_OPTIONS) as (keyof typeof LABELLED_OPTIONS)[])
    if (values[name] !== undefined) throw new UsageError(`Give --${name} with --gate alone.`);
  if (waived !== undefined) {
    const why = textOption('no-gate', waived);
    if (why === '') throw new UsageError('--no-gate must say why.');
    return { waived: why };
  }
  if (GATED.test(channel))
    throw new UsageError(
      `Channel ${channel} needs a gate: give --gate with rows whose outcomes are known, or --no-gate with the reason.`,
    );
  return undefined;
}

/**
 * The reason that the channel keeps. Programs of before refuse a channel with a key that they do not know, so that there
 * is no key of its own for why there was no gate.
 *
 * @throws UsageError when both together are too long
 */
export function reasonWith(reason: string, gate: Gate): string {
  if (gate === undefined || !('waived' in gate)) return reason;
  return textOption('reason and --no-gate together', `${reason} (no gate: ${gate.waived})`);
}

export interface Gating {
  registry: Registry;
  gate: Gate;
  channel: string;
  /** The version that is to be promoted; asked for once it has been verified. */
  candidate: () => Model;
  onPassed: (passed: Evaluated & { text: string }) => void;
}

/**
 * Holds a version against what the channel names, or, in a new channel, against the mean and a linear regression.
 *
 * @returns what throws an AppError `invalid` with the figures when it is worse, or when that cannot be told
 */
export function gatingOf({ registry, gate, channel, candidate, onPassed }: Gating): PromotionRequest['gate'] {
  if (gate === undefined || 'waived' in gate) return undefined;
  return async (present) => {
    const model = candidate();
    const failed = `Cannot promote version ${model.version} to channel ${channel}`;
    let other: Model | undefined;
    try {
      if (present)
        other = await verifyByLoading(await registry.readVersion(present.version, present.manifestSha256));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const advice =
        'What the channel names is needed to compare with; without it, give --no-gate and the reason.';
      throw new AppError(error.code, `${failed}: ${messageOf(error)} ${advice}`, { cause: error });
    }
    const { evaluation, faults } = await evaluateModel(gate.tables, model, other, gate.options);
    const text = findings(evaluation, model, present?.version);
    if (evaluation.verdict === 'better' || evaluation.verdict === 'not worse')
      return onPassed({ evaluation, text, faults });
    const advice =
      evaluation.verdict === 'worse'
        ? 'Train it on more or newer rows'
        : 'Give more rows, or a larger --margin';
    throw new GateRefusal(
      evaluation.verdict,
      `${failed}: ${text} ${advice}; or promote it with --no-gate and the reason.`,
    );
  };
}

/** A version that is worse than what it is held against, or of which that cannot be told. */
export class GateRefusal extends AppError {
  readonly verdict: 'worse' | 'cannot tell';

  constructor(verdict: 'worse' | 'cannot tell', message: string) {
    super('invalid', message);
    this.verdict = verdict;
  }
}

/** Sentences with the figures that decided. */
function findings(
  { rows, against, baselines }: Evaluation,
  model: Model,
  present: string | undefined,
): string {
  const opponents = against
    ? [{ name: present!, ...against }]
    : DECIDING.flatMap((name) => {
        const opponent = baselines[name];
        return opponent === undefined ? [] : [{ name: BASELINE_NAMES[name], ...opponent }];
      });
  const { unit } = model.manifest.target;
  const told = opponents.map(({ name, judgement }) =>
    judgementText(model.version, name, judgement, unit).trim(),
  );
  return told.length === 0
    ? `${counted(rows, 'row')} cannot tell, and ${LEAST_ROWS} may.`
    : `on ${counted(rows, 'row')} ${told.join('; ')}.`;
}
