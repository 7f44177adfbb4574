import { doubleTensor } from './attributes.ts';
import {
  DIMENSION,
  ELEMENT,
  GRAPH,
  METADATA,
  MODEL,
  NODE,
  OPERATOR_SET,
  SHAPE,
  TENSOR_TYPE,
  TYPE,
  VALUE_INFO,
} from './fields.ts';
import { bytesField, concat, integerField, messageField, textField } from './protobuf-writer.ts';

/** The domain of operators that are no part of ONNX itself: trees, and texts to numbers. */
export const ML = 'ai.onnx.ml';

/** ONNX 1.16, the first release that has trees in float64. */
const IR_VERSION = 10;
const OPERATORS = { '': 21, [ML]: 5 };

/** What a file of this program's says that it comes from. */
export const PRODUCER = 'savings';

/** The name of something that is computed: an input, a constant, or what a node gives. */
export type Value = string;

export interface ModelInfo {
  /** This program's. */
  producerVersion: string;
  doc: string;
  /** What programs read of it, in this order. */
  metadata: Readonly<Record<string, string>>;
}

/**
 * Puts an ONNX graph together, node after node. Every input and output is a column, [N, 1], and N is the number of rows.
 * What it names itself has a slash, so that it is never the name of an input or output that has none.
 */
export class GraphBuilder {
  readonly #nodes: Uint8Array[] = [];
  readonly #initializers: Uint8Array[] = [];
  readonly #inputs: Uint8Array[] = [];
  readonly #outputs: Uint8Array[] = [];
  readonly #constants = new Map<number, Value>();

  input(name: string, element: 'double' | 'string', doc: string): Value {
    this.#inputs.push(valueInfo(GRAPH.input, name, element, 1, doc));
    return name;
  }

  output(name: string, value: Value, doc: string): void {
    this.#outputs.push(valueInfo(GRAPH.output, name, 'double', 1, doc));
    this.#add('Identity', [value], [], '', name);
  }

  /** A float64 that stands beside columns of any length. */
  constant(value: number): Value {
    const known = this.#constants.get(value);
    if (known !== undefined) return known;
    const name = `constant/${this.#constants.size}`;
    this.#initializers.push(bytesField(GRAPH.initializer, doubleTensor([value], [1], name)));
    this.#constants.set(value, name);
    return name;
  }

  /** What an operator gives for these; its first output. */
  node(
    operator: string,
    inputs: readonly Value[],
    attributes: readonly Uint8Array[] = [],
    domain = '',
  ): Value {
    return this.#add(operator, inputs, attributes, domain, `${operator}/${this.#nodes.length}`);
  }

  toBytes(name: string, { producerVersion, doc, metadata }: ModelInfo): Uint8Array {
    const graph = [
      ...this.#nodes,
      textField(GRAPH.name, name),
      ...this.#initializers,
      ...this.#inputs,
      ...this.#outputs,
    ];
    return concat([
      integerField(MODEL.irVersion, IR_VERSION),
      textField(MODEL.producer, PRODUCER),
      textField(MODEL.producerVersion, producerVersion),
      textField(MODEL.doc, doc),
      messageField(MODEL.graph, ...graph),
      ...operatorSets(OPERATORS),
      ...Object.entries(metadata).map(([key, value]) =>
        messageField(MODEL.metadata, textField(METADATA.key, key), textField(METADATA.value, value)),
      ),
    ]);
  }

  #add(
    operator: string,
    inputs: readonly Value[],
    attributes: readonly Uint8Array[],
    domain: string,
    output: Value,
  ): Value {
    this.#nodes.push(
      messageField(
        GRAPH.node,
        ...inputs.map((input) => textField(NODE.input, input)),
        textField(NODE.output, output),
        textField(NODE.operator, operator),
        ...attributes,
        textField(NODE.domain, domain),
      ),
    );
    return output;
  }
}

/** An input or output: its name and type, [N, columns]. */
export function valueInfo(
  field: number,
  name: string,
  element: keyof typeof ELEMENT,
  columns: number,
  doc: string,
): Uint8Array {
  const dimension = (size: Uint8Array) => messageField(SHAPE.dimension, size);
  const type = messageField(
    TYPE.tensor,
    integerField(TENSOR_TYPE.element, ELEMENT[element]),
    messageField(
      TENSOR_TYPE.shape,
      dimension(textField(DIMENSION.name, 'N')),
      dimension(integerField(DIMENSION.size, columns)),
    ),
  );
  return messageField(
    field,
    textField(VALUE_INFO.name, name),
    messageField(VALUE_INFO.type, type),
    textField(VALUE_INFO.doc, doc),
  );
}

/** Which operators a model is made of: the version of each domain, as fields of the model. */
export const operatorSets = (versions: Readonly<Record<string, number>>): Uint8Array[] =>
  Object.entries(versions).map(([domain, version]) =>
    messageField(
      MODEL.operators,
      textField(OPERATOR_SET.domain, domain),
      integerField(OPERATOR_SET.version, version),
    ),
  );
