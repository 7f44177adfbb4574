import { AppError } from '../../errors.ts';

/** A field's values in the file's order: numbers for varints and floats, bytes for text, messages and packed lists. */
export type Message = Map<number, (number | Uint8Array)[]>;

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;

const damaged = () => new AppError('corrupt', 'Cannot read the ONNX file: it is cut off or no ONNX file.');

/**
 * Reads one protobuf message without its schema (https://protobuf.dev/programming-guides/encoding/). Fixed-width
 * fields are taken for floats. Nothing is copied: a nested message is a view, to be read in its turn.
 *
 * @throws AppError `corrupt` when the bytes do not add up.
 */
export function readMessage(bytes: Uint8Array): Message {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const message: Message = new Map();
  let at = 0;
  const take = (length: number) => {
    if (length > bytes.length - at) throw damaged();
    at += length;
    return at - length;
  };
  const varint = () => {
    const { value, end } = readVarint(bytes, at);
    at = end;
    return value;
  };
  const value = (wireType: number) => {
    switch (wireType) {
      case VARINT:
        return varint();
      case FIXED_64:
        return view.getFloat64(take(8), true);
      case FIXED_32:
        return view.getFloat32(take(4), true);
      case BYTES: {
        const length = varint();
        const start = take(length);
        return bytes.subarray(start, start + length);
      }
      default:
        throw damaged();
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    const values = message.get(field) ?? [];
    if (values.length === 0) message.set(field, values);
    values.push(value(tag % 8));
  }
  return message;
}

/** A repeated number, packed into bytes or not; both may stand in one file. */
export function repeatedNumbers(message: Message, field: number, kind: 'varint' | 'float32'): number[] {
  const numbers: number[] = [];
  for (const value of message.get(field) ?? []) {
    if (typeof value === 'number') numbers.push(value);
    else if (kind === 'varint') {
      for (let at = 0; at < value.length; ) {
        const read = readVarint(value, at);
        numbers.push(read.value);
        at = read.end;
      }
    } else {
      if (value.length % 4 !== 0) throw damaged();
      const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
      for (let at = 0; at < value.length; at += 4) numbers.push(view.getFloat32(at, true));
    }
  }
  return numbers;
}

function repeatedBytes(message: Message, field: number): Uint8Array[] {
  return (message.get(field) ?? []).map((value) => {
    if (typeof value === 'number') throw damaged();
    return value;
  });
}

export const repeatedMessages = (message: Message, field: number): Message[] =>
  repeatedBytes(message, field).map(readMessage);

const utf8 = new TextDecoder();

export const repeatedTexts = (message: Message, field: number): string[] =>
  repeatedBytes(message, field).map((bytes) => utf8.decode(bytes));

/** Beyond 2^53 the value is no longer exact, but still far above whatever is allowed. */
function readVarint(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  let scale = 1;
  for (let at = start; at < bytes.length && at < start + 10; at++) {
    value += (bytes[at] & 0x7f) * scale;
    if (bytes[at] < 0x80) return { value, end: at + 1 };
    scale *= 0x80;
  }
  throw damaged();
}
