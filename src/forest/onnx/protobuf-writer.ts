const VARINT = 0;
const BYTES = 2;
const FIXED_32 = 5;

const utf8 = new TextEncoder();

/** As much of a protobuf writer as ONNX needs: the fields of a message, each as bytes, to be put one after the other. */
export function integerField(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(20);
  return bytes.slice(0, putVarint(bytes, putVarint(bytes, 0, field * 8 + VARINT), value));
}

export function floatField(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(14);
  const at = putVarint(bytes, 0, field * 8 + FIXED_32);
  new DataView(bytes.buffer).setFloat32(at, value, true);
  return bytes.slice(0, at + 4);
}

export function bytesField(field: number, content: Uint8Array): Uint8Array {
  const head = new Uint8Array(20);
  const end = putVarint(head, putVarint(head, 0, field * 8 + BYTES), content.length);
  return concat([head.subarray(0, end), content]);
}

export const textField = (field: number, content: string): Uint8Array =>
  bytesField(field, utf8.encode(content));

export const messageField = (field: number, ...fields: Uint8Array[]): Uint8Array =>
  bytesField(field, concat(fields));

/** Many numbers, none below 0, as one packed field. */
export function integersField(field: number, values: ArrayLike<number>): Uint8Array {
  const packed = new Uint8Array(10 * values.length);
  let end = 0;
  for (let i = 0; i < values.length; i++) end = putVarint(packed, end, values[i]);
  return bytesField(field, packed.subarray(0, end));
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Writes a number that is not below 0 and returns where the next one goes. */
function putVarint(into: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) into[at++] = (rest % 0x80) + 0x80;
  into[at++] = rest;
  return at;
}
