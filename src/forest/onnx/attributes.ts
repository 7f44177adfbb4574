import { ATTRIBUTE, ATTRIBUTE_TYPE, ELEMENT, NODE, TENSOR } from './fields.ts';
import {
  bytesField,
  concat,
  floatField,
  integerField,
  integersField,
  messageField,
  textField,
} from './protobuf-writer.ts';

/** An attribute of a node, as a field of it, with its value as a field of the attribute. */
export const attribute = (name: string, type: number, value: Uint8Array): Uint8Array =>
  messageField(NODE.attribute, textField(ATTRIBUTE.name, name), value, integerField(ATTRIBUTE.type, type));

export const integer = (name: string, value: number): Uint8Array =>
  attribute(name, ATTRIBUTE_TYPE.integer, integerField(ATTRIBUTE.integer, value));

export const float = (name: string, value: number): Uint8Array =>
  attribute(name, ATTRIBUTE_TYPE.float, floatField(ATTRIBUTE.float, value));

export const integers = (name: string, values: ArrayLike<number>): Uint8Array =>
  attribute(name, ATTRIBUTE_TYPE.integers, integersField(ATTRIBUTE.integers, values));

export const floats = (name: string, values: ArrayLike<number>): Uint8Array =>
  attribute(name, ATTRIBUTE_TYPE.floats, bytesField(ATTRIBUTE.floats, littleEndian(values, 4)));

export const texts = (name: string, values: readonly string[]): Uint8Array =>
  attribute(name, ATTRIBUTE_TYPE.texts, concat(values.map((value) => textField(ATTRIBUTE.texts, value))));

/** A tensor of one dimension. */
export const doubles = (name: string, values: ArrayLike<number>): Uint8Array =>
  attribute(name, ATTRIBUTE_TYPE.tensor, bytesField(ATTRIBUTE.tensor, doubleTensor(values, [values.length])));

/** A tensor of one dimension. */
export const bytes = (name: string, values: Uint8Array): Uint8Array =>
  attribute(
    name,
    ATTRIBUTE_TYPE.tensor,
    bytesField(ATTRIBUTE.tensor, tensor(ELEMENT.uint8, values, [values.length])),
  );

/** @param name needed where it is a graph's */
export function doubleTensor(
  values: ArrayLike<number>,
  dimensions: readonly number[],
  name = '',
): Uint8Array {
  return tensor(ELEMENT.double, littleEndian(values, 8), dimensions, name);
}

function tensor(element: number, content: Uint8Array, dimensions: readonly number[], name = ''): Uint8Array {
  return concat([
    ...dimensions.map((size) => integerField(TENSOR.dimensions, size)),
    integerField(TENSOR.element, element),
    ...(name === '' ? [] : [textField(TENSOR.name, name)]),
    bytesField(TENSOR.bytes, content),
  ]);
}

function littleEndian(values: ArrayLike<number>, size: 4 | 8): Uint8Array {
  const content = new Uint8Array(size * values.length);
  const view = new DataView(content.buffer);
  for (let i = 0; i < values.length; i++) {
    if (size === 4) view.setFloat32(4 * i, values[i], true);
    else view.setFloat64(8 * i, values[i], true);
  }
  return content;
}
