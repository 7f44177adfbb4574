import { z } from 'zod';
import type { BodySchema } from '../json-body.ts';
import { isObject } from '../schemas.ts';

/**
 * The bodies of the Open Inference Protocol, version 2, over HTTP:
 * https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */

/** What a tensor may hold here: numbers for numbers, BYTES for choices. */
export const DATATYPES = ['FP64', 'FP32', 'INT64', 'INT32', 'BYTES'] as const;

const MAX_TENSORS = 64;
const MAX_NAME = 64;

/** Kept open, as the specification has it; none means anything to this server. */
const parameters = z.looseObject({}).optional().describe('Read past: this server knows no parameter.');

const shape = z.array(z.int().nonnegative()).min(1).max(2);

export type TensorData = (number | string | (number | string)[])[];

const tensorData: z.ZodType<TensorData> = z
  .array(z.union([z.number(), z.string(), z.array(z.union([z.number(), z.string()]))]))
  .describe('Flat, in row-major order, or nested as the shape is.');

const inferRequestOf = (data: z.ZodType<TensorData>) =>
  z.object({
    id: z.string().max(256).optional().describe('Comes back with the answer.'),
    parameters,
    inputs: z
      .array(
        z.object({
          name: z.string().max(MAX_NAME),
          shape: shape.describe('[rows] or [rows, 1] for one input; [rows, inputs] for a matrix of all.'),
          datatype: z.enum(DATATYPES),
          parameters,
          data,
        }),
      )
      .min(1)
      .max(MAX_TENSORS)
      .describe('One tensor for each input, by its name; or one matrix of all in the order of the metadata.'),
    outputs: z
      .array(z.object({ name: z.string().max(MAX_NAME), parameters }))
      .min(1)
      .max(MAX_TENSORS)
      .optional()
      .describe('What to answer with; without it, all.'),
  });

/** In full, for the documentation. */
export const documentedInferRequest = inferRequestOf(tensorData);

const inferEnvelope = inferRequestOf(z.custom<TensorData>((value) => Array.isArray(value), 'must be a list'));

/** What a request is checked with first; the elements of a tensor are checked as they are read, in one pass. */
export const inferRequest: BodySchema<InferRequest> = {
  schema: inferEnvelope,
  accepts(body): body is InferRequest {
    if (!isObject(body)) return false;
    const { id, parameters, inputs, outputs } = body;
    return (
      (id === undefined || (typeof id === 'string' && id.length <= 256)) &&
      parameters === undefined &&
      isListOf(inputs, isInputTensor) &&
      (outputs === undefined || isListOf(outputs, isNamed))
    );
  },
};

function isListOf(value: unknown, isOne: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length > 0 && value.length <= MAX_TENSORS && value.every(isOne);
}

/** Of whoever has parameters the schema knows more. */
function isNamed(value: unknown): value is { name: string } & Record<string, unknown> {
  return (
    isObject(value) &&
    typeof value.name === 'string' &&
    value.name.length <= MAX_NAME &&
    value.parameters === undefined
  );
}

function isInputTensor(value: unknown): boolean {
  if (!isNamed(value)) return false;
  const { shape, datatype, data } = value;
  return (
    Array.isArray(data) &&
    DATATYPES.includes(datatype as (typeof DATATYPES)[number]) &&
    Array.isArray(shape) &&
    (shape.length === 1 || shape.length === 2) &&
    shape.every((length) => Number.isSafeInteger(length) && length >= 0)
  );
}

const outputTensor = z.strictObject({
  name: z.string(),
  shape: z.array(z.int().nonnegative()),
  datatype: z.enum(DATATYPES),
  parameters: z.record(z.string(), z.string()).optional(),
  data: z.array(z.number()).describe('Flat, in row-major order.'),
});

export const inferResponse = z.strictObject({
  model_name: z.string(),
  model_version: z.string(),
  id: z.string().optional(),
  outputs: z.array(outputTensor),
});

export const serverMetadata = z.strictObject({
  name: z.string(),
  version: z.string(),
  extensions: z.array(z.string()),
});

const tensorMetadata = z.strictObject({
  name: z.string(),
  datatype: z.enum(DATATYPES),
  shape: z.array(z.int()).describe('-1 stands for any number.'),
});

export const modelMetadata = z.strictObject({
  name: z.string(),
  versions: z.array(z.string()),
  platform: z.string(),
  inputs: z.array(tensorMetadata),
  outputs: z.array(tensorMetadata),
});

export const live = z.strictObject({ live: z.boolean() });
export const ready = z.strictObject({ live: z.boolean(), ready: z.boolean() });
export const modelReady = z.strictObject({ name: z.string(), ready: z.boolean() });
export const v2Error = z.strictObject({ error: z.string() });

export type InferRequest = z.infer<typeof inferEnvelope>;
export type InputTensor = InferRequest['inputs'][number];
export type OutputTensor = z.infer<typeof outputTensor>;
export type InferResponse = z.infer<typeof inferResponse>;
export type ModelMetadata = z.infer<typeof modelMetadata>;
