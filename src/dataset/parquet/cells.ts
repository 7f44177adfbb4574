import type { SchemaElement } from 'hyparquet';

/** A value as it is stored: by the column's physical type. */
export type Stored = number | bigint | boolean | Uint8Array;

/** What a column's values are, for whoever reads them as numbers or as texts. */
export type CellKind = 'integer' | 'number' | 'text' | 'boolean' | 'moment' | 'bytes';

export interface Cells {
  kind: CellKind;
  /** The type as a person would call it, for messages. */
  type: string;
  /** The text that a CSV would hold. Numbers are written so that they read back as the same number. */
  text(value: Stored): string;
  /** The number, rounded once where no float64 is equal; only of integers and numbers. */
  number(value: Stored): number;
}

const NONE = () => Number.NaN;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** How to read the values of a flat column, by its types (Apache Parquet, "Logical Types"). */
export function cellsOf(element: SchemaElement): Cells {
  const { type, converted_type: converted, logical_type: logical } = element;
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') return decimals(element);
  switch (type) {
    case 'BOOLEAN':
      return { kind: 'boolean', type: 'boolean', text: String, number: NONE };
    case 'FLOAT':
    case 'DOUBLE':
      return {
        kind: 'number',
        type: type === 'FLOAT' ? 'float32' : 'float64',
        text: String,
        number: (value) => value as number,
      };
    case 'INT32':
      return int32(element);
    case 'INT64':
      return int64(element);
    case 'INT96':
      return moments('timestamp', (value) => int96(value as bigint));
    default:
      return bytes(element);
  }
}

function int32({ converted_type: converted, logical_type: logical }: SchemaElement): Cells {
  if (converted === 'DATE' || logical?.type === 'DATE')
    return moments('date', (days) => isoDate(Number(days) * 86_400_000));
  if (converted === 'TIME_MILLIS' || logical?.type === 'TIME')
    return moments('time', (millis) => clock(BigInt(millis as number) * 1_000_000n));
  const isUnsigned = converted?.startsWith('UINT') || (logical?.type === 'INTEGER' && !logical.isSigned);
  const number = isUnsigned ? (value: Stored) => (value as number) >>> 0 : (value: Stored) => value as number;
  return { kind: 'integer', type: 'int32', text: (value) => String(number(value)), number };
}

const NANOS_PER: Record<string, bigint> = { MILLIS: 1_000_000n, MICROS: 1_000n, NANOS: 1n };

function int64({ converted_type: converted, logical_type: logical }: SchemaElement): Cells {
  if (logical?.type === 'TIMESTAMP' || logical?.type === 'TIME') {
    const nanosPer = NANOS_PER[logical.unit]!;
    if (logical.type === 'TIME') return moments('time', (value) => clock((value as bigint) * nanosPer));
    const zone = logical.isAdjustedToUTC ? 'Z' : '';
    return moments('timestamp', (value) => isoMoment((value as bigint) * nanosPer) + zone);
  }
  if (converted === 'TIME_MICROS') return moments('time', (value) => clock((value as bigint) * 1_000n));
  if (converted === 'TIMESTAMP_MILLIS' || converted === 'TIMESTAMP_MICROS') {
    const nanosPer = NANOS_PER[converted.slice('TIMESTAMP_'.length)]!;
    return moments('timestamp', (value) => `${isoMoment((value as bigint) * nanosPer)}Z`);
  }
  const isUnsigned = converted === 'UINT_64' || (logical?.type === 'INTEGER' && !logical.isSigned);
  const whole = isUnsigned
    ? (value: Stored) => BigInt.asUintN(64, value as bigint)
    : (value: Stored) => value as bigint;
  return {
    kind: 'integer',
    type: 'int64',
    text: (value) => String(whole(value)),
    number: (value) => Number(whole(value)),
  };
}

function bytes({ converted_type: converted, logical_type: logical, type }: SchemaElement): Cells {
  const isText =
    converted === 'UTF8' ||
    converted === 'ENUM' ||
    converted === 'JSON' ||
    logical?.type === 'STRING' ||
    logical?.type === 'ENUM' ||
    logical?.type === 'JSON';
  if (isText) return { kind: 'text', type: 'string', text: utf8, number: NONE };
  // Impala and old Hive write texts without saying so.
  if (type === 'BYTE_ARRAY' && converted === undefined && logical === undefined)
    return {
      kind: 'text',
      type: 'binary',
      text: (value) => (isUtf8(value) ? utf8(value) : hex(value)),
      number: NONE,
    };
  return {
    kind: 'bytes',
    type: (logical?.type ?? converted ?? 'binary').toLowerCase(),
    text: hex,
    number: NONE,
  };
}

const utf8 = (value: Stored) => UTF8.decode(value as Uint8Array);

function isUtf8(value: Stored): boolean {
  try {
    utf8(value);
    return true;
  } catch {
    return false;
  }
}

const hex = (value: Stored) =>
  Array.from(value as Uint8Array, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Powers of ten that a float64 holds exactly: one division by one of them rounds once, as reading the text would. */
const MAX_EXACT_SCALE = 22;

function decimals({ scale = 0, type, logical_type: logical }: SchemaElement): Cells {
  const places = logical?.type === 'DECIMAL' ? logical.scale : scale;
  const unscaled = (value: Stored) =>
    typeof value === 'number'
      ? BigInt(value)
      : typeof value === 'bigint'
        ? value
        : bigEndian(value as Uint8Array);
  const text = (value: Stored) => decimalText(unscaled(value), places);
  const divisor = 10 ** places;
  const isSmall = type === 'INT32' || type === 'INT64';
  return {
    kind: places === 0 ? 'integer' : 'number',
    type: 'decimal',
    text,
    number: (value) => {
      const whole = isSmall ? Number(value) : Number(unscaled(value));
      return places <= MAX_EXACT_SCALE && Number.isSafeInteger(whole) ? whole / divisor : Number(text(value));
    },
  };
}

function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(8 * bytes.length, value);
}

function decimalText(unscaled: bigint, places: number): string {
  if (places <= 0) return String(unscaled);
  const sign = unscaled < 0n ? '-' : '';
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(places + 1, '0');
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

const moments = (type: string, text: Cells['text']): Cells => ({ kind: 'moment', type, text, number: NONE });

const isoDate = (millis: number) => {
  const date = new Date(millis);
  // Beyond what a Date holds, which is 270,000 years: the number of days is all that can be said.
  return Number.isNaN(date.getTime()) ? String(millis / 86_400_000) : date.toISOString().slice(0, -14);
};

const NANOS_PER_DAY = 86_400_000_000_000n;

function isoMoment(nanos: bigint): string {
  const inDay = ((nanos % NANOS_PER_DAY) + NANOS_PER_DAY) % NANOS_PER_DAY;
  return `${isoDate(Number((nanos - inDay) / 1_000_000n))}T${clock(inDay)}`;
}

/** A time of day, with as many decimals as it has. */
function clock(nanos: bigint): string {
  const seconds = Number(nanos / 1_000_000_000n);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const fraction = String(nanos % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  const time = parts.map((part) => String(part).padStart(2, '0')).join(':');
  return fraction === '' ? time : `${time}.${fraction}`;
}

/** Impala's timestamp: nanoseconds of the day in its low 64 bits, the Julian day in its high 32. */
function int96(value: bigint): string {
  const day = Number(value >> 64n) - 2_440_588;
  return `${isoDate(day * 86_400_000)}T${clock(BigInt.asUintN(64, value))}`;
}
