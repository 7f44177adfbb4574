/**
 * As much of a WebAssembly assembler as one kernel needs. Every function here gives the bytes of an expression or a
 * statement, operands first (WebAssembly Core Specification 2.0, chapter 5, https://www.w3.org/TR/wasm-core-2/).
 */
export type Code = number[];

/** The number of a parameter or local variable; all of them are int32. */
export type Local = number;

const I32 = 0x7f;
const NO_RESULT = 0x40;

/** LEB128, unsigned. */
function unsigned(value: number): Code {
  const bytes: Code = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return [...bytes, rest];
}

/** LEB128, signed 32 bits. */
function signed(value: number): Code {
  const bytes: Code = [];
  let rest = value;
  for (; rest < -0x40 || rest > 0x3f; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest & 0x7f];
}

export const locals = (count: number): Local[] => [...Array(count).keys()];
export const get = (local: Local): Code => [0x20, ...unsigned(local)];
export const set = (local: Local, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const increase = (local: Local, by: number): Code => set(local, add(get(local), constant(by)));

export const constant = (value: number): Code => [0x41, ...signed(value)];
export const add = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const subtract = (a: Code, b: Code): Code => [...a, ...b, 0x6b];
export const shiftLeft = (a: Code, by: number): Code => [...a, ...constant(by), 0x74];
/** Without the sign. */
export const shiftRight = (a: Code, by: number): Code => [...a, ...constant(by), 0x76];
/** 1 when `a` < `b`, both unsigned int32, otherwise 0. */
export const isBelow = (a: Code, b: Code): Code => [...a, ...b, 0x49];
/** 1 when `a` < `b`, both float64, otherwise 0, so also when either is NaN. */
export const isLess = (a: Code, b: Code): Code => [...a, ...b, 0x63];

/** Loads and stores add the constant `offset` to the address, at no cost. */
export const loadI32 = (address: Code, offset: number): Code => [...address, 0x28, 2, ...unsigned(offset)];
export const loadF64 = (address: Code, offset: number): Code => [...address, 0x2b, 3, ...unsigned(offset)];
export const storeI32 = (address: Code, offset: number, value: Code): Code => [
  ...[...address, ...value],
  ...[0x36, 2, ...unsigned(offset)],
];
export const storeF64 = (address: Code, offset: number, value: Code): Code => [
  ...[...address, ...value],
  ...[0x39, 3, ...unsigned(offset)],
];

/** Runs `body` once, and again as long as `condition` is not 0 after it. */
export const repeatWhile = (condition: Code, body: Code[]): Code => [
  ...[0x03, NO_RESULT],
  ...body.flat(),
  ...[...condition, 0x0d, 0, 0x0b],
];

/** A function without a result. Parameters and then locals are numbered from 0; locals begin as 0. */
export interface FunctionCode {
  name: string;
  parameters: Local[];
  locals: Local[];
  body: Code;
}

/** A module that imports its memory as `host.memory` and exports its functions. */
export function assemble(functions: FunctionCode[]): Uint8Array<ArrayBuffer> {
  const vector = (items: Code[]): Code => [...unsigned(items.length), ...items.flat()];
  const sized = (code: Code): Code => [...unsigned(code.length), ...code];
  const section = (id: number, content: Code): Code => [id, ...sized(content)];
  const text = (name: string): Code => sized([...new TextEncoder().encode(name)]);

  const types = functions.map(({ parameters }) => [0x60, ...vector(parameters.map(() => [I32])), 0]);
  const memory = [...text('host'), ...text('memory'), 0x02, 0x00, ...unsigned(1)];
  const exported = functions.map(({ name }, i) => [...text(name), 0x00, ...unsigned(i)]);
  const bodies = functions.map(({ locals, body }) =>
    sized([...vector([[...unsigned(locals.length), I32]]), ...body, 0x0b]),
  );
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types)),
    ...section(2, vector([memory])),
    ...section(3, vector(functions.map((_, i) => unsigned(i)))),
    ...section(7, vector(exported)),
    ...section(10, vector(bodies)),
  ]);
}
