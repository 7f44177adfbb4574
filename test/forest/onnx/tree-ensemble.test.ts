import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { flatten } from '../../../src/forest/flatten.ts';
import type { ForestJson, NodeJson } from '../../../src/forest/format.ts';
import { integer } from '../../../src/forest/onnx/attributes.ts';
import { GraphBuilder, ML } from '../../../src/forest/onnx/graph-builder.ts';
import { importOnnx } from '../../../src/forest/onnx/onnx.ts';
import { treeEnsemble } from '../../../src/forest/onnx/tree-ensemble.ts';
import { compile } from '../../../src/forest/predict.ts';
import { hasOnnxruntime, scoreOnnx } from '../../support/onnxruntime.ts';
import { edgeRows, randomForest } from '../random-forest.ts';

setDefaultTimeout(60_000);

const FEATURES = 4;

/** A graph of columns c0, c1, ... to a forest's output and quantiles, and nothing else. */
function graphOf(forest: ReturnType<typeof flatten>): Uint8Array {
  const graph = new GraphBuilder();
  const columns = Array.from({ length: FEATURES }, (_, i) => graph.input(`c${i}`, 'double', ''));
  const row = graph.node('Concat', columns, [integer('axis', 1)]);
  for (const of of ['output', 'low', 'high'] as const)
    graph.output(of, graph.node('TreeEnsemble', [row], treeEnsemble(forest, of), ML), '');
  return graph.toBytes('forest', { producerVersion: '1', doc: '', metadata: {} });
}

/** Leaves that are whole numbers, no two alike: their sums are exact in any order, and another leaf is another sum. */
function numberLeaves(json: ForestJson): ForestJson {
  let leaves = 0;
  const visit = (node: NodeJson) => {
    if ('distribution' in node) {
      leaves++;
      Object.assign(node, { distribution: leaves, quantiles: [-leaves, 3 * leaves] });
      return;
    }
    visit(node.left);
    visit(node.right);
  };
  for (const { root } of json.baseModel.estimators) visit(root);
  return json;
}

describe.skipIf(!hasOnnxruntime())('treeEnsemble', () => {
  test.each([
    ['deep trees', { trees: 7, maxDepth: 9 }],
    ['trees without splits among others', { trees: 40, maxDepth: 1 }],
    ['one tree without splits', { trees: 1, maxDepth: 0 }],
  ])(
    '%s: onnxruntime comes to the leaves that we come to, on thresholds and with NaN too',
    async (_, shape) => {
      const json = numberLeaves(randomForest(20_261_127, { ...shape, features: FEATURES }));
      const forest = flatten(json, FEATURES);
      const rows = edgeRows(json, FEATURES, 2_000, 3);
      const columns = Array.from(
        { length: FEATURES },
        (_, c) => [`c${c}`, rows.map((row) => row[c]!)] as const,
      );
      const { batch, single } = await scoreOnnx(graphOf(forest), Object.fromEntries(columns), 200);

      const quantiles = new Float64Array(2 * rows.length);
      const outputs = compile(forest).predictBatch(
        Float64Array.from(rows.flat()),
        rows.length,
        undefined,
        quantiles,
      );
      const wanted = {
        output: [...outputs],
        low: rows.map((_, r) => quantiles[2 * r]!),
        high: rows.map((_, r) => quantiles[2 * r + 1]!),
      };
      expect(batch).toEqual(wanted);
      for (const [name, values] of Object.entries(wanted)) expect(single[name]).toEqual(values.slice(0, 200));
    },
  );
});

test('what was exported is not taken for a forest to import', () => {
  const bytes = graphOf(
    flatten(randomForest(1, { trees: 2, features: FEATURES, maxDepth: 3, quantiles: true }), 4),
  );
  expect(() => importOnnx(bytes, { features: FEATURES })).toThrow(
    'Cannot import the ONNX file: savings exported it, from a version that can be published as it is.',
  );
});
