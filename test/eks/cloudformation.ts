import { readFileSync } from 'node:fs';
import { parse, type ScalarTag, type YAMLSeq } from 'yaml';

export interface Statement {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Principal?: unknown;
  Action: string | string[];
  Resource?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

export interface Template {
  Parameters: Record<string, { AllowedPattern?: string; Default?: string }>;
  // biome-ignore lint/suspicious/noExplicitAny: each type of resource has its own properties; cfn-lint knows them
  Resources: Record<string, { Type: string; Condition?: string; DeletionPolicy?: string; Properties: any }>;
  Conditions: Record<string, unknown>;
  Outputs: Record<string, { Value: unknown }>;
}

/** Reads a template; `!Sub x` becomes `{Sub: 'x'}`, and so do the other short forms. */
export function readTemplate(path: string): Template {
  const tags = ['Ref', 'Sub', 'GetAtt', 'If', 'Equals', 'Not'].flatMap((name) => [
    { tag: `!${name}`, resolve: (text: string) => ({ [name]: text }) } as ScalarTag,
    {
      tag: `!${name}`,
      collection: 'seq' as const,
      resolve: (items: unknown) => ({ [name]: (items as YAMLSeq).toJSON() }),
    },
  ]);
  return parse(readFileSync(path, 'utf8'), { customTags: tags });
}

/** The statements of an inline policy, or of a trust policy. */
export function list<T>(value: T | T[]): T[] {
  return Array.isArray(value) ? value : [value];
}
