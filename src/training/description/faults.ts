import { operandsOf } from '../../model/derived-columns.ts';
import { featureSchema } from '../../model/manifest.ts';
import { inconsistenciesOfInputs } from '../../model/manifest-consistency.ts';
import { acceptedFeatures } from '../model-description.ts';
import { type Completed, columnOf, completed, inOrder } from './complete.ts';
import type { Description } from './schema.ts';

/** What is wrong with a description: the key, as keys and places in lists, and a clause about it. */
export interface KeyFault {
  path: readonly (string | number)[];
  message: string;
}

/** Columns of the forest that a manifest can have. */
const MOST_COLUMNS = 256;

/** What is wrong with a description of the right form, as far as can be told without its data. */
export function faultsOfDescription(description: Description): KeyFault[] {
  const own = [...faultsOfFeatures(description), ...faultsOfTarget(description), ...circles(description)];
  return own.length > 0 ? own : faultsOfCompleted(completed(description));
}

/** What is wrong with a description once it is complete: names that name nothing, ranges without a value. */
export function faultsOfCompleted({ model, derivedFrom, encodingFrom }: Completed): KeyFault[] {
  const features = acceptedFeatures(model);
  const faults: KeyFault[] = features.flatMap((feature, i) => {
    const issues = featureSchema.safeParse(feature).error?.issues ?? [];
    const start = feature.default;
    const outside = typeof start === 'number' && (start < feature.min || start > feature.max);
    return [
      ...issues.map(({ path, message }) => ({
        path: ['features', i, ...(path as (string | number)[])],
        message,
      })),
      ...(outside ? [{ path: ['features', i, 'default'], message: 'must lie from min to max' }] : []),
    ];
  });
  if (model.encoding.length > MOST_COLUMNS)
    faults.push({
      path: ['encoding'],
      message: `makes ${model.encoding.length} columns, one for each choice; ${MOST_COLUMNS} are the most`,
    });
  for (const [path, message] of inconsistenciesOfInputs({ ...model, features })) {
    const [key, place, ...rest] = path;
    // Of all amounts, a description says it at its top.
    if (key === 'target' && (place === 'currency' || place === 'period')) {
      faults.push({ path: [place], message });
      continue;
    }
    const from = key === 'derived' ? derivedFrom : key === 'encoding' ? encodingFrom : undefined;
    const own = from === undefined ? path : [key!, from[Number(place)]!, ...rest];
    faults.push({ path: own, message: message.replace('no earlier number', 'no number') });
  }
  return faults;
}

function* faultsOfFeatures({ features }: Description): Generator<KeyFault> {
  for (const [i, feature] of features.entries()) {
    const fault = (key: string, message: string) => ({ path: ['features', i, key], message });
    if (feature.kind !== 'choice') {
      if (feature.choices !== undefined) yield fault('choices', 'belongs to a choice alone');
      if (feature.others !== undefined) yield fault('others', 'belongs to a choice alone');
      if (typeof feature.default === 'string') yield fault('default', 'must be a number');
      continue;
    }
    for (const key of ['min', 'max', 'step', 'unit'] as const) {
      if (feature[key] !== undefined) yield fault(key, 'belongs to a number alone');
    }
    if (new Set(feature.choices).size !== (feature.choices?.length ?? 0))
      yield fault('choices', 'holds a choice twice');
    if (feature.others !== undefined && feature.choices?.includes(feature.others) === false)
      yield fault('others', 'is none of the choices');
  }
}

function* faultsOfTarget(description: Description): Generator<KeyFault> {
  const { features, target, weight } = description;
  const inputs = new Map(features.map((feature, i) => [columnOf(feature), i]));
  const { column, computed } = target;
  if (description.currency === undefined && target.unit === undefined)
    yield {
      path: ['target', 'unit'],
      message: 'is missing: without a currency what is predicted needs a unit',
    };
  if ((column === undefined) === (computed === undefined))
    yield { path: ['target'], message: 'needs either column or computed' };
  if (column !== undefined && inputs.has(column))
    yield {
      path: ['target', 'column'],
      message: `is the column of features.${inputs.get(column)} too: what is predicted cannot be an input`,
    };
  if (computed !== undefined && isSeen(description, [computed.of, ...computed.minus]))
    yield {
      path: ['target', 'computed'],
      message:
        'is computed from inputs alone that the forest sees: nothing is left to predict. Leave one of them out of features or encoding',
    };
  if (weight !== undefined && (weight === column || inputs.has(weight)))
    yield { path: ['weight'], message: 'is the column of an input or of the target too' };
}

/** Whether the forest sees all of these columns, itself or what is computed from them. */
function isSeen(description: Description, columns: readonly string[]): boolean {
  const { model } = completed(description);
  const seen = new Set<string>();
  const see = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    const derived = model.derived.find((column) => column.name === name);
    for (const operand of derived === undefined ? [] : operandsOf(derived)) see(operand);
  };
  for (const column of model.encoding) see('derived' in column ? column.derived : column.feature);
  const seenColumns = new Set(
    description.features.filter(({ name }) => seen.has(name)).map((feature) => columnOf(feature)),
  );
  return columns.every((column) => seenColumns.has(column));
}

/** Derived columns that are computed from each other. */
function* circles({ derived = [] }: Description): Generator<KeyFault> {
  const order = inOrder(derived);
  const done = new Set<string>();
  for (const i of order) {
    const { name } = derived[i]!;
    const waitsFor = operandsOf(derived[i]!).filter((operand) =>
      derived.some((other) => other.name === operand && !done.has(operand)),
    );
    if (waitsFor.length > 0)
      yield {
        path: ['derived', i],
        message: `stands in a circle: ${name} is computed from ${waitsFor.join(', ')}, and that from it`,
      };
    else done.add(name);
  }
}
