import { z } from 'zod';

/**
 * The bodies of the Open Inference Protocol, version 2, over HTTP:
 * https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */

/** The ranges of whole numbers. A double cannot tell the ends of 64 bits from the next numbers. */
export const WHOLE: Readonly<Record<string, readonly [min: number, max: number]>> = {
  INT64: [-(2 ** 63), 2 ** 63],
  INT32: [-(2 ** 31), 2 ** 31 - 1],
  INT16: [-32_768, 32_767],
  INT8: [-128, 127],
  UINT64: [0, 2 ** 64],
  UINT32: [0, 2 ** 32 - 1],
  UINT16: [0, 65_535],
  UINT8: [0, 255],
};

/** What a tensor may hold here: numbers, or BYTES for choices. */
export const DATATYPES = ['FP64', 'FP32', 'FP16', ...Object.keys(WHOLE), 'BYTES'];

const MAX_TENSORS = 64;
const MAX_NAME = 64;

/** Any are taken, as the specification has it, and none means anything here. MLServer's types send null for none. */
const parameters = z.looseObject({}).nullish().describe('Read past: this server knows no parameter.');

const shape = z.array(z.int().nonnegative()).min(1).max(2);

export type TensorData = (number | string | (number | string)[])[];

const tensorData: z.ZodType<TensorData> = z
  .array(z.union([z.number(), z.string(), z.array(z.union([z.number(), z.string()]))]))
  .describe('Flat, in row-major order, or nested as the shape is.');

/**
 * @param data the elements of a tensor
 * @param output the name of an output
 */
const inferRequestOf = (data: z.ZodType<TensorData>, output: z.ZodType<string>) =>
  z.object({
    id: z.string().max(256).nullish().describe('Comes back with the answer.'),
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
      .array(z.object({ name: output, parameters }))
      .max(MAX_TENSORS)
      .nullish()
      .describe('What to answer with; without it, or when it is empty, all.'),
  });

/** The schema in full, for the documentation. */
export const documentedInferRequest = (outputs: readonly string[]) =>
  inferRequestOf(tensorData, z.enum(outputs));

/** What a request is checked with first; the elements of a tensor are checked as they are read, in one pass. */
export const inferEnvelope = inferRequestOf(
  z.custom<TensorData>(Array.isArray, 'must be a list'),
  z.string().max(MAX_NAME),
);

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
