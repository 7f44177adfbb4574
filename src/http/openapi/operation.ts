import { z } from 'zod';
import type { ProblemError } from '../problem.ts';
import { MAX_ROWS } from '../schemas.ts';

/** As much of OpenAPI 3.1 as we write; `validates against the public schema` is a test. */
export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: { required: true; content: Content };
  responses: Record<string, ResponseObject>;
}

export interface Parameter {
  name: string;
  in: 'path' | 'header';
  required: boolean;
  description: string;
  schema: JsonSchema;
  example?: string;
}

export interface ResponseObject {
  description: string;
  headers?: Record<string, { description: string; schema: JsonSchema }>;
  content?: Content;
}

export type Content = Record<string, { schema: JsonSchema; examples?: Record<string, Example> }>;
export interface Example {
  summary: string;
  value: unknown;
}
export type JsonSchema = { [keyword: string]: unknown };
export type Paths = Record<string, Partial<Record<'get' | 'post', Operation>>>;

/** The schemas that a document refers to by name: the ones that validate. */
export class Components {
  readonly #registry = z.registry<{ id: string }>();

  /** Names a schema, and refers to it. */
  ref(id: string, schema: z.ZodType): JsonSchema {
    if (!this.#registry.has(schema)) this.#registry.add(schema, { id });
    return { $ref: uri(id) };
  }

  toJSON(): Record<string, JsonSchema> {
    const { schemas } = z.toJSONSchema(this.#registry, { uri, io: 'input', unrepresentable: 'any' });
    return Object.fromEntries(
      Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema as JsonSchema]),
    );
  }
}

const uri = (id: string) => `#/components/schemas/${id}`;

/** The bounds of any request with rows in JSON. */
export const BODY_BOUND =
  `A request may hold ${MAX_ROWS} rows at most, and no more bytes than the setting MAX_BODY_BYTES allows (1048576 ` +
  'unless it was changed), counted before they are compressed: with named figures that is some 4,000 rows. For more, ' +
  '`POST /batch` takes a CSV and streams.';

/** Headers of a refusal for the body's type or compression. */
export const ACCEPT_HEADERS: NonNullable<ResponseObject['headers']> = {
  Accept: { description: 'The type that is read, when it was another.', schema: { type: 'string' } },
  'Accept-Encoding': {
    description: 'The compressions that are undone, when it was another.',
    schema: { type: 'string' },
  },
};

export const json = (schema: JsonSchema, examples?: Record<string, Example>): Content => ({
  'application/json': { schema, ...(examples && { examples }) },
});

/** A refusal as it is sent, for the examples. */
export const problemExample = (status: number, title: string, detail: string, errors?: ProblemError[]) => ({
  [`status${status}`]: {
    summary: title,
    value: { type: 'about:blank', title, status, detail, ...(errors && { errors }) },
  },
});
