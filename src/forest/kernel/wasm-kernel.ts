import { type Forest, NODE_BYTES, viewsOf } from '../forest.ts';
import * as wasm from './assembler.ts';
import { type Kernel, LANES, TILE_ROWS } from './kernel.ts';

const PAGE_BYTES = 65536;
const LANE_BYTES = LANES * 8;

/** Where a node holds what, in bytes. */
const THRESHOLD = 0;
const COLUMN = 8;
const RIGHT = 12;

/**
 * The kernel in WebAssembly: what `jsKernel` does, without JavaScript's bounds checks. The code is made for one forest,
 * so that addresses are constants in it.
 *
 * @throws RangeError when there is not enough memory for a copy of the forest.
 */
export function wasmKernel(forest: Forest): Kernel {
  const { roots, depths } = forest;
  const at = layOut(forest);
  const memory = new WebAssembly.Memory({ initial: Math.ceil(at.end / PAGE_BYTES) });
  copyForest(forest, memory.buffer, at);
  const tile = new Float64Array(memory.buffer, at.tile, (at.outputs - at.tile) / 8).fill(NaN);
  const outputs = new Float64Array(memory.buffer, at.outputs, at.slots);
  const leaves = forest.quantiles && new Int32Array(memory.buffer, at.leaves, at.slots);

  const module = new WebAssembly.Module(wasm.assemble([walkTileCode(at), walkFirstRowCode(at)]));
  const { exports } = new WebAssembly.Instance(module, { host: { memory } });
  const walkTile = exports.walkTile as (root: number, levels: number, outputBytes: number) => void;
  const walkFirstRow = exports.walkFirstRow as (levels: number) => void;
  const deepest = Math.max(1, ...depths);

  return {
    name: 'wasm',
    tile,
    outputs,
    leaves,
    walkFirstRow: () => walkFirstRow(deepest),
    walkTile: (tree, size) => {
      const groups = Math.ceil(size / LANES);
      walkTile(roots[tree] * NODE_BYTES, Math.max(1, depths[tree]), groups * LANE_BYTES);
    },
  };
}

type Layout = ReturnType<typeof layOut>;

/** Where things lie in the kernel's memory, in bytes. Nodes come first, at 0, so a node's offset is its address. */
function layOut(forest: Forest) {
  const groupBytes = (forest.features + 1) * LANE_BYTES;
  const paddedTrees = Math.ceil(forest.trees / LANES) * LANES;
  const roots = forest.nodes.byteLength;
  const tile = Math.ceil((roots + paddedTrees * 4) / LANE_BYTES) * LANE_BYTES;
  const outputs = tile + (TILE_ROWS / LANES) * groupBytes;
  const slots = Math.max(paddedTrees, TILE_ROWS);
  const leaves = outputs + slots * 8;
  const keepsLeaves = forest.quantiles !== null;
  const end = leaves + (keepsLeaves ? slots * 4 : 0);
  return { groupBytes, paddedTrees, roots, tile, outputs, slots, leaves, keepsLeaves, end };
}

/** Columns and children become byte offsets; roots are filled up to whole groups of lanes. */
function copyForest(forest: Forest, memory: ArrayBuffer, at: Layout): void {
  const from = viewsOf(forest.nodes);
  const to = viewsOf(memory);
  to.numbers.set(from.numbers);
  for (let word = 0; word < from.words.length; word += 4) {
    to.words[word + 2] = from.words[word + 2] * LANE_BYTES;
    to.words[word + 3] = from.words[word + 3] * NODE_BYTES;
  }
  for (let tree = 0; tree < at.paddedTrees; tree++) {
    to.words[at.roots / 4 + tree] = forest.roots[tree % forest.trees] * NODE_BYTES;
  }
}

/** The lanes are eight rows, group after group, in one tree. */
function walkTileCode(at: Layout): wasm.FunctionCode {
  const [root, levels, outputBytes, level, group, output, ...nodes] = wasm.locals(6 + LANES);
  return {
    name: 'walkTile',
    parameters: [root, levels, outputBytes],
    locals: [level, group, output, ...nodes],
    body: wasm.repeatWhile(wasm.isBelow(wasm.get(output), wasm.get(outputBytes)), [
      ...nodes.map((node) => wasm.set(node, wasm.get(root))),
      walkDown(nodes, levels, level, (column, lane) =>
        wasm.loadF64(wasm.add(wasm.get(group), column), at.tile + lane * 8),
      ),
      ...storeOutputs(nodes, output, at),
      wasm.increase(group, at.groupBytes),
      wasm.increase(output, LANE_BYTES),
    ]),
  };
}

/** The lanes are eight trees, one group of trees after the other, over the tile's first row. */
function walkFirstRowCode(at: Layout): wasm.FunctionCode {
  const [levels, level, root, output, ...nodes] = wasm.locals(4 + LANES);
  return {
    name: 'walkFirstRow',
    parameters: [levels],
    locals: [level, root, output, ...nodes],
    body: wasm.repeatWhile(wasm.isBelow(wasm.get(root), wasm.constant(at.paddedTrees * 4)), [
      ...nodes.map((node, lane) => wasm.set(node, wasm.loadI32(wasm.get(root), at.roots + lane * 4))),
      walkDown(nodes, levels, level, (column) => wasm.loadF64(column, at.tile)),
      ...storeOutputs(nodes, output, at),
      wasm.increase(root, LANES * 4),
      wasm.increase(output, LANE_BYTES),
    ]),
  };
}

/** Takes every lane `levels` (at least 1) down; `valueIn` loads a lane's value in its node's column. */
function walkDown(
  nodes: wasm.Local[],
  levels: wasm.Local,
  level: wasm.Local,
  valueIn: (column: wasm.Code, lane: number) => wasm.Code,
): wasm.Code {
  const step = nodes.map((node, lane) => {
    const value = valueIn(wasm.loadI32(wasm.get(node), COLUMN), lane);
    const goesLeft = wasm.isLess(value, wasm.loadF64(wasm.get(node), THRESHOLD));
    const right = wasm.loadI32(wasm.get(node), RIGHT);
    return wasm.set(node, wasm.subtract(right, wasm.shiftLeft(goesLeft, Math.log2(NODE_BYTES))));
  });
  return [
    ...wasm.set(level, wasm.get(levels)),
    ...wasm.repeatWhile(wasm.get(level), [...step, wasm.increase(level, -1)]),
  ];
}

/** A leaf's place is half as long as its output, so it lies half as far from where the first one is. */
const storeOutputs = (nodes: wasm.Local[], output: wasm.Local, at: Layout): wasm.Code[] =>
  nodes.map((node, lane) => [
    ...wasm.storeF64(wasm.get(output), at.outputs + lane * 8, wasm.loadF64(wasm.get(node), THRESHOLD)),
    ...(at.keepsLeaves
      ? wasm.storeI32(wasm.shiftRight(wasm.get(output), 1), at.leaves + lane * 4, wasm.get(node))
      : []),
  ]);
