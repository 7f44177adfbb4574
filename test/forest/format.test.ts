import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { RandomForestRegression } from 'ml-random-forest';
import { AppError } from '../../src/errors.ts';
import { checkForest, type ForestBounds } from '../../src/forest/format.ts';
import { loadLibraryForest } from '../../src/forest/library-forest.ts';
import { randomForest } from './random-forest.ts';

const FEATURES = 4;

const leaf = { distribution: 1 };
const split = { splitColumn: 0, splitValue: 1, left: leaf, right: leaf };

/** A small valid forest of three trees, as loose JSON to be spoiled. */
function forestJson(root: unknown = split) {
  // Not structuredClone: it would keep one leaf object in both places.
  const estimator = () => JSON.parse(JSON.stringify({ options: {}, root, name: 'DTRegression' }));
  return {
    baseModel: {
      indexes: [[0], [1, 0], [3, 2]],
      n: 1,
      replacement: false,
      maxFeatures: 0.5,
      nEstimators: 3,
      treeOptions: {},
      isClassifier: false,
      seed: 42,
      estimators: [estimator(), estimator(), estimator()],
      useSampleBagging: true,
    },
    selectionMethod: 'mean',
    name: 'RFRegression',
  };
}

const ABSENT = Symbol('absent');

/** The forest with one place changed, such as `baseModel.indexes.2.0`. */
function spoiled(path: string, value: unknown) {
  const json = forestJson();
  const keys = path.split('.');
  const last = keys.pop()!;
  // biome-ignore lint/suspicious/noExplicitAny: a walk through loose JSON
  const holder = keys.reduce((at: any, key) => at[key], json);
  if (value === ABSENT) delete holder[last];
  else holder[last] = value;
  return json;
}

/** The message with which JSON is refused; fails when it is accepted or anything but `corrupt` is thrown. */
function refusal(json: unknown, bounds: Partial<ForestBounds> = {}): string {
  let thrown: unknown;
  try {
    checkForest(json, { features: FEATURES, ...bounds });
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(AppError);
  expect((thrown as AppError).code).toBe('corrupt');
  return (thrown as AppError).message;
}

describe('checkForest accepts', () => {
  test('slim JSON, and hands back the same object', () => {
    const json = forestJson();
    expect<unknown>(checkForest(json, { features: FEATURES })).toBe(json);
  });

  test("the library's full JSON, with rejected splits and null gains", () => {
    const rows = [1, 2, 3, 4, 5, 6, 7, 8].map((x) => [x, x % 3, 0, 1]);
    const trained = new RandomForestRegression({
      nEstimators: 6,
      noOOB: true,
      treeOptions: { maxDepth: Infinity },
    });
    trained.train(rows, [1, 1, 1, 5, 5, 9, 2, 2]);
    const text = JSON.stringify(trained);
    expect(text).toContain('"gain":null');
    const json = JSON.parse(text);
    expect(checkForest(json, { features: FEATURES })).toBe(json);
  });

  test('annotations, unknown keys and keys named as members of every object, without a change in predictions', () => {
    const odd = JSON.parse(
      '{"splitColumn":0,"splitValue":1,"mean":2.5,"count":7,"__proto__":{"distribution":9},"constructor":null,' +
        '"toString":1,"note":"x","left":{"distribution":1,"count":3},"right":{"distribution":2,"mean":2}}',
    );
    const json = checkForest(forestJson(odd), { features: FEATURES });
    expect(loadLibraryForest(json).predict([[0, 0, 5, 0]])).toEqual([(1 + 1 + 1) / 3]);
  });
});

describe('checkForest refuses the envelope with', () => {
  for (const json of [null, undefined, 1, 'forest', [], {}]) {
    test(`${JSON.stringify(json)} in its place`, () => {
      expect(refusal(json)).toStartWith('Cannot use the forest: ');
    });
  }

  const cases: [path: string, value: unknown, message: string][] = [
    ['name', 'RFClassifier', 'name: '],
    ['name', ABSENT, 'name: '],
    ['selectionMethod', 'mode', 'selectionMethod: '],
    ['selectionMethod', 'toString', 'selectionMethod: '],
    ['selectionMethod', ABSENT, 'selectionMethod: '],
    ['baseModel.isClassifier', true, 'baseModel.isClassifier: '],
    ['baseModel.nEstimators', 0, 'baseModel.nEstimators: '],
    ['baseModel.nEstimators', '3', 'baseModel.nEstimators: '],
    ['baseModel.nEstimators', 2, 'nEstimators is 2, but estimators has the length 3'],
    ['baseModel.nEstimators', 4, 'nEstimators is 4, but estimators has the length 3'],
    ['baseModel.indexes', [[0], [0]], 'nEstimators is 3, but indexes has the length 2'],
    ['baseModel.indexes.1', { length: 1, 0: 0 }, 'indexes of tree 1 are not a list'],
    ['baseModel.indexes.2.0', 4, 'tree 2, index 0: is not one of the 4 features'],
    ['baseModel.indexes.2.0', -1, 'tree 2, index 0: is not one of the 4 features'],
    ['baseModel.indexes.2.0', 0.5, 'tree 2, index 0: is not one of the 4 features'],
    ['baseModel.indexes.2.0', null, 'tree 2, index 0: is not one of the 4 features'],
    ['baseModel.indexes.0', [0, 1, 2, 3, 0], 'tree 0 has more indexes than the 4 features'],
    ['baseModel.estimators.1', null, 'baseModel.estimators.1: '],
    ['baseModel.estimators.1.name', 'DTClassifier', 'baseModel.estimators.1.name: '],
    ['baseModel.estimators.1.options', ABSENT, 'baseModel.estimators.1.options: '],
    ['baseModel.estimators.1.root', ABSENT, 'tree 1, node root: is not an object'],
  ];
  for (const [path, value, message] of cases) {
    const shown = value === ABSENT ? 'left out' : JSON.stringify(value);
    test(`${path} ${shown}`, () => {
      expect(refusal(spoiled(path, value))).toStartWith(`Cannot use the forest: ${message}`);
    });
  }
});

test('checkForest refuses a forest of medians by name, and says what to do', () => {
  expect(refusal(spoiled('selectionMethod', 'median'))).toBe(
    "Cannot use the forest: its selectionMethod is 'median', which is not supported; train it with 'mean', the default.",
  );
});

test('checkForest names the JSON as its caller does', () => {
  const act = () => checkForest(null, { features: FEATURES }, 'forest.json.gz of version 3');
  expect(act).toThrow('Cannot use forest.json.gz of version 3: the JSON: ');
});

describe('checkForest refuses a node with', () => {
  const cases: [key: string, value: unknown, fault: string][] = [
    ['splitValue', null, 'splitValue is not a finite number'],
    ['splitValue', '5', 'splitValue is not a finite number'],
    ['splitValue', JSON.parse('1e999'), 'splitValue is not a finite number'],
    ['splitValue', ABSENT, 'splitValue is not a finite number'],
    ['splitColumn', 2, "splitColumn is not one of the tree's 2 columns"],
    ['splitColumn', -1, "splitColumn is not one of the tree's 2 columns"],
    ['splitColumn', 0.5, "splitColumn is not one of the tree's 2 columns"],
    ['splitColumn', ABSENT, "splitColumn is not one of the tree's 2 columns"],
    ['left', ABSENT, 'has neither a distribution nor two children'],
    ['right', ABSENT, 'has neither a distribution nor two children'],
    ['distribution', 3, 'has both a distribution and children'],
    ['mean', null, 'mean is not a finite number within ±1e+150'],
    ['mean', '1', 'mean is not a finite number within ±1e+150'],
    ['count', 0, 'count is not a positive integer'],
    ['count', 1.5, 'count is not a positive integer'],
    ['count', null, 'count is not a positive integer'],
  ];
  for (const [key, value, fault] of cases) {
    const shown = value === ABSENT ? 'left out' : `${value}`;
    test(`${key} ${shown}`, () => {
      const json = spoiled(`baseModel.estimators.2.root.${key}`, value);
      expect(refusal(json)).toBe(`Cannot use the forest: tree 2, node root: ${fault}.`);
    });
  }

  for (const distribution of [null, '1', [1], {}, Infinity, 1e151]) {
    test(`a leaf's distribution ${JSON.stringify(distribution)}`, () => {
      const json = spoiled('baseModel.estimators.0.root.right.distribution', distribution);
      expect(refusal(json)).toBe(
        'Cannot use the forest: tree 0, node root.right: distribution is not a finite number within ±1e+150.',
      );
    });
  }

  for (const node of [null, 7, 'leaf', []]) {
    test(`${JSON.stringify(node)} in its place`, () => {
      const json = spoiled('baseModel.estimators.1.root', { ...split, left: { ...split, right: node } });
      expect(refusal(json)).toStartWith('Cannot use the forest: tree 1, node root.left.right: ');
    });
  }

  test('its keys inherited', () => {
    const json = spoiled('baseModel.estimators.0.root', Object.create(leaf));
    expect(refusal(json)).toContain('has neither a distribution nor two children');
  });
});

describe('checkForest keeps its bounds', () => {
  test('on trees and nodes', () => {
    expect(refusal(forestJson(), { maxTrees: 2 })).toContain('more than 2 trees');
    expect(refusal(forestJson(), { maxNodes: 8 })).toContain(
      'tree 2, node root.right: there are more nodes than allowed',
    );
    checkForest(forestJson(), { features: FEATURES, maxTrees: 3, maxNodes: 9 });
  });

  test('on depth', () => {
    const chain = (depth: number): unknown => (depth === 0 ? leaf : { ...split, right: chain(depth - 1) });
    checkForest(forestJson(chain(20)), { features: FEATURES, maxDepth: 20 });
    expect(refusal(forestJson(chain(21)), { maxDepth: 20 })).toBe(
      'Cannot use the forest: tree 0, node ' +
        'root.right.right.right.right.right.right.(13 more).right.left: lies deeper than 20 levels.',
    );
  });

  test('on JSON nested far beyond any call stack', () => {
    const depth = 300_000;
    const root = `{"splitColumn":0,"splitValue":1,"right":{"distribution":1},"left":`.repeat(depth);
    const text = JSON.stringify(forestJson('ROOT')).replaceAll(
      '"ROOT"',
      `${root}{"distribution":1}${'}'.repeat(depth)}`,
    );
    expect(refusal(JSON.parse(text))).toContain('lies deeper than 1000 levels');
  });

  test('against itself: whatever single place of a forest is spoiled, it is refused or predicts finite numbers', () => {
    const values = [null, -1, 0, 1.5, 99, '1', 'x', true, [], {}, { distribution: 1 }, ABSENT];
    const spoilt = fc.record({ seed: fc.nat(), place: fc.nat(), value: fc.constantFrom(...values) });
    fc.assert(
      fc.property(spoilt, ({ seed, place, value }) => {
        const shape = { trees: 3, features: FEATURES, maxDepth: 3, selectionMethod: 'mean' } as const;
        const json = JSON.parse(JSON.stringify(randomForest(seed, { ...shape, annotated: true })));
        const places: [Record<string, unknown>, string][] = [];
        JSON.stringify(json, function (key, held) {
          if (key !== '') places.push([this, key]);
          return held;
        });
        const [holder, key] = places[place % places.length];
        if (value === ABSENT) delete holder[key];
        else holder[key] = value;
        try {
          checkForest(json, { features: FEATURES });
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          return;
        }
        const [answer] = loadLibraryForest(json).predict([[1, 0, -1, NaN]]);
        expect(Number.isFinite(answer)).toBe(true);
      }),
      { seed: 20260611, numRuns: 1_000 },
    );
  });
});
