import { AppError } from '../../errors.ts';
import type { Feature } from '../../model/manifest.ts';
import { MAX_ROWS, SEND_LESS } from '../schemas.ts';
import { type InputTensor, WHOLE } from './schemas.ts';

/**
 * Turns tensors into one object a row, still unchecked: either a tensor for each feature, or one matrix of all of
 * them in the order of the manifest.
 *
 * @throws AppError `invalid` that names the tensor, by its place when the name is the client's own
 */
export function readTensors(
  tensors: readonly InputTensor[],
  features: readonly Feature[],
): Record<string, unknown>[] {
  const [first] = tensors;
  if (tensors.length === 1 && first.shape.length === 2 && !(features.length === 1 && first.shape[1] === 1)) {
    return readMatrix(first, features);
  }
  return readColumns(tensors, features);
}

function readMatrix(tensor: InputTensor, features: readonly Feature[]): Record<string, unknown>[] {
  const [rows, columns] = tensor.shape as [number, number];
  const choice = features.find(({ kind }) => kind === 'choice');
  if (choice !== undefined) {
    throw fault(0, `is a matrix, which cannot hold ${choice.name}; send one tensor for each input`);
  }
  if (columns !== features.length) {
    throw fault(0, `must have the shape [rows, ${features.length}], or be one of a tensor for each input`);
  }
  const data = flatten(tensor, 0, 'number');
  return Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(features.map(({ name }, column) => [name, data[row * columns + column]])),
  );
}

function readColumns(
  tensors: readonly InputTensor[],
  features: readonly Feature[],
): Record<string, unknown>[] {
  const byName = new Map(features.map((feature) => [feature.name, feature]));
  const columns = new Map<string, (number | string)[]>();
  for (const [at, tensor] of tensors.entries()) {
    const feature = byName.get(tensor.name);
    if (feature === undefined) {
      throw fault(at, `is no input of this model; they are ${[...byName.keys()].join(', ')}`);
    }
    if (columns.has(feature.name)) throw fault(at, `is a second one of ${feature.name}`);
    if (tensor.shape.length === 2 && tensor.shape[1] !== 1) {
      throw fault(at, `must have the shape [rows] or [rows, 1]`);
    }
    columns.set(feature.name, flatten(tensor, at, feature.kind === 'choice' ? 'string' : 'number'));
  }
  const missing = features.filter(({ name }) => !columns.has(name)).map(({ name }) => name);
  if (missing.length > 0)
    throw new AppError('invalid', `Cannot predict: there is no tensor of ${missing.join(', ')}.`);
  const lengths = new Set([...columns.values()].map(({ length }) => length));
  if (lengths.size > 1)
    throw new AppError('invalid', 'Cannot predict: the tensors have different numbers of rows.');
  const [rows] = lengths as unknown as [number];
  return Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(features.map(({ name }) => [name, columns.get(name)![row]])),
  );
}

/** A tensor's elements in row-major order, once its type, shape and data agree. */
function flatten({ shape, datatype, data }: InputTensor, at: number, type: 'number' | 'string') {
  if ((datatype === 'BYTES') !== (type === 'string')) {
    throw fault(at, type === 'string' ? 'must be of BYTES' : 'must be of FP64 or another type of numbers');
  }
  const [rows, width = 1] = shape as [number, number?];
  if (rows === 0) throw fault(at, 'has no rows');
  if (rows > MAX_ROWS) throw fault(at, `has more than ${MAX_ROWS} rows; ${SEND_LESS}`);
  const nested = Array.isArray(data[0]);
  if (nested && (data.length !== rows || data.some((row) => !Array.isArray(row) || row.length !== width))) {
    throw fault(at, 'has data that is not nested as its shape is');
  }
  const flat = (nested ? data.flat() : data) as (number | string)[];
  if (flat.length !== rows * width) throw fault(at, 'has more or less data than its shape says');
  const whole = WHOLE[datatype];
  for (const value of flat) {
    if (typeof value !== type) throw fault(at, `must hold ${type}s alone`);
    if (whole && !isWholeWithin(value as number, whole)) {
      throw fault(at, `must hold whole numbers within ${datatype}`);
    }
  }
  return flat;
}

function isWholeWithin(value: number, [min, max]: readonly [number, number]): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

function fault(at: number, what: string): AppError {
  return new AppError('invalid', `Cannot predict: inputs[${at}] ${what}.`);
}
