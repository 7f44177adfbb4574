// Field numbers of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), as far as they are read or written.
export const MODEL = {
  irVersion: 1,
  producer: 2,
  producerVersion: 3,
  doc: 6,
  graph: 7,
  operators: 8,
  metadata: 14,
};
export const OPERATOR_SET = { domain: 1, version: 2 };
export const METADATA = { key: 1, value: 2 };
export const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12 };
export const NODE = { input: 1, output: 2, operator: 4, attribute: 5, domain: 7 };
export const ATTRIBUTE = {
  name: 1,
  float: 2,
  integer: 3,
  text: 4,
  tensor: 5,
  floats: 7,
  integers: 8,
  texts: 9,
  type: 20,
};
export const VALUE_INFO = { name: 1, type: 2, doc: 3 };
export const TYPE = { tensor: 1 };
export const TENSOR_TYPE = { element: 1, shape: 2 };
export const SHAPE = { dimension: 1 };
export const DIMENSION = { size: 1, name: 2 };
export const TENSOR = { dimensions: 1, element: 2, name: 8, bytes: 9 };

/** Values of AttributeProto.AttributeType. */
export const ATTRIBUTE_TYPE = { float: 1, integer: 2, text: 3, tensor: 4, floats: 6, integers: 7, texts: 8 };
/** Values of TensorProto.DataType. */
export const ELEMENT = { float: 1, uint8: 2, string: 8, double: 11 };
