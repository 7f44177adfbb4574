import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeCommand } from '../../src/cli/commands/describe.ts';
import { checkArtifact } from '../../src/model/artifact/artifact.ts';
import { loadModel } from '../../src/model/artifact/load.ts';
import { seekGoal } from '../../src/model/goal.ts';
import { spawnLoadWorker } from '../../src/workers.ts';
import { predictCommand } from '../../src/cli/commands/predict.ts';
import { trainCommand } from '../../src/cli/commands/train.ts';
import { run, runSavings } from '../support/command.ts';
import { SURVEY, surveyCsv } from '../support/survey.ts';

// Real training takes its time on a busy machine.
setDefaultTimeout(60_000);

let directory: string;
let data: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'savings-describe-'));
  data = await file('town survey.csv', surveyCsv());
});
afterAll(() => rm(directory, { recursive: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}
async function readArtifact(path: string) {
  const files = new Map<string, Uint8Array>();
  for (const name of await readdir(path)) files.set(name, await readFile(join(path, name)));
  return checkArtifact(files);
}
const description = (name: string, json: unknown) => file(name, JSON.stringify(json, null, 2));
const small = ['--trees', '8', '--depth', '6'];

describe('savings describe', () => {
  test('drafts a description: kinds, ranges, choices and roles, and what a person must decide', async () => {
    const { code, stdout, stderr } = await runSavings(['describe', data]);
    expect([code, stderr]).toEqual([0, 'Left out column Household: it numbers the rows.\n']);
    const draft = JSON.parse(stdout);
    expect(draft).toMatchObject({
      $schema: './model.schema.json',
      decide: ['currency', 'period', 'features', 'target', 'data'],
      name: 'town-survey',
      target: { column: '?' },
    });
    const byName = Object.fromEntries(
      draft.features.map((feature: { name: string }) => [feature.name, feature]),
    );
    expect(byName.netIncome).toMatchObject({ column: 'Net income', role: 'income', kind: 'number', min: 0 });
    expect(byName.rent).toMatchObject({ role: 'expense', kind: 'number' });
    expect(byName.children).toMatchObject({ kind: 'integer', min: 0, max: 6, default: expect.any(Number) });
    expect(byName.region).toMatchObject({ kind: 'choice', choices: ['East', 'North', 'South'] });
    expect(byName.household).toBeUndefined();
  });

  test('takes what stands where nobody knows for no choice, and says so', async () => {
    const csv = surveyCsv()
      .replace(/^(\d,.*,)(?:North|South|East)/gm, '$1NA')
      .replace('Household', 'Known')
      .replace(/^(\d*[02468]),/gm, 'yes,')
      .replace(/^(\d+),/gm, 'n/a,');
    const { stdout, stderr } = await run(describeCommand, ['-'], { stdin: csv });
    const { features } = JSON.parse(stdout);
    expect(features.find(({ name }: { name: string }) => name === 'region').choices).toEqual([
      'East',
      'North',
      'South',
    ]);
    expect(stderr).toContain('Column Region has 9 cells with NA, which is taken for no choice.');
    expect(stderr).toContain('Left out column Known: it holds one text alone where it says anything.');
  });

  /** Three rows of the survey live in a place that would tell who they are. */
  const withRare = () => surveyCsv().replace(/^([369],.*,)(?:North|South|East)/gm, '$1Hermitage');

  test('counts texts of few rows as one, and so does the training, unless the rows were made up', async () => {
    const { stdout, stderr } = await run(describeCommand, ['-'], { stdin: withRare() });
    const draft = JSON.parse(stdout);
    expect(draft.features.find(({ name }: { name: string }) => name === 'region')).toMatchObject({
      choices: ['East', 'North', 'South', 'Other'],
      others: 'Other',
    });
    expect(stderr).toContain('Column Region has 1 text of fewer than 10 rows, which count as Other.');

    const csv = await file('rare.csv', withRare());
    for (const [kind, choices] of [
      ['records', ['East', 'North', 'South', 'Other']],
      [undefined, ['East', 'North', 'South', 'Other']],
      ['synthetic', ['East', 'Hermitage', 'North', 'South']],
    ] as const) {
      const out = await mkdtemp(join(directory, 'rare-'));
      const path = await description('rare.model.json', { ...SURVEY, data: { kind } });
      const args = ['--description', path, '--data', csv, '--out', out, '--version', 'v', ...small];
      expect((await run(trainCommand, args)).code).toBe(0);
      const { manifest, files } = await readArtifact(join(out, 'versions/v'));
      expect(manifest.features.find(({ name }) => name === 'region')?.choices).toEqual([...choices]);
      const told = [...files.values()].some((bytes) => Buffer.from(bytes).includes('Hermitage'));
      expect(told).toBe(kind === 'synthetic');
    }
  });

  test('takes the target that it is told, or one whose name says so', async () => {
    const told = JSON.parse((await run(describeCommand, [data, '--target', 'Put aside'])).stdout);
    expect(told.target).toEqual({ column: 'Put aside', label: 'Put aside' });
    expect(told.features.map(({ column }: { column: string }) => column)).not.toContain('Put aside');

    const csv = surveyCsv().replace('Put aside', 'Saved');
    const guessed = await run(describeCommand, ['-'], { stdin: csv });
    expect(JSON.parse(guessed.stdout).target.column).toBe('Saved');

    const none = await run(describeCommand, [data, '--target', 'Nothing']);
    expect([none.code, none.stdout]).toEqual([1, '']);
    expect(none.stderr).toContain('Cannot describe the CSV: it has no column Nothing.');
  });

  test('leaves out what no form can ask for, and names it', async () => {
    const rows = Array.from(
      { length: 300 },
      (_, i) => `${i + 7},same,Person ${i} Smith,${i % 5 ? i : ''},${i % 90},smith${i % 9}@example.org,£${i}`,
    );
    const csv = `id,country,full_name,Rent,,mail,Wage\n${rows.join('\n')}\n`;
    const { stdout, stderr } = await run(describeCommand, ['-'], { stdin: csv });
    expect(JSON.parse(stdout).features.map(({ column }: { column: string }) => column)).toEqual(['Rent']);
    expect(stderr.trim().split('\n').sort()).toEqual([
      'Column Rent has 60 blank cells.',
      'Left out a column without a name: no model can hold its name.',
      'Left out column Wage: write its numbers without separators and with a point before decimals, such as 1234.5.',
      'Left out column country: it is the same in every row.',
      'Left out column full_name: it holds more than 50 different texts.',
      'Left out column id: it numbers the rows.',
      'Left out column mail: it holds addresses.',
    ]);
    expect(stdout + stderr).not.toMatch(/smith/i);
  });

  test('its draft is refused until it is looked over, and then trains', async () => {
    const { stdout } = await run(describeCommand, [data, '--target', 'Put aside']);
    const draft = await file('draft.model.json', stdout);
    const out = join(directory, 'drafted');
    const train = ['--data', data, '--out', out, ...small];
    const refused = await run(trainCommand, ['--description', draft, ...train]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      `Cannot use ${draft}: it has 2 faults.\nline 3: decide: names what is still to be decided: currency, period, features, target, data.`,
    );
    const { decide: _, ...decided } = JSON.parse(stdout);
    decided.features = decided.features.filter(({ name }: { name: string }) => name !== 'spent');
    const ready = await description('ready.model.json', { ...decided, currency: 'GBP', period: 'week' });
    expect(await run(describeCommand, ['--check', ready, data])).toMatchObject({ code: 0, stderr: '' });
    expect(await run(trainCommand, ['--description', ready, ...train])).toMatchObject({ code: 0 });
  });

  test('--check says what is wrong by key and line, and what fits otherwise', async () => {
    const good = await description('good.model.json', SURVEY);
    const told = await run(describeCommand, ['--check', good, data]);
    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(told.stdout).toContain('600 rows, 4 inputs; the forest sees 6 columns');
    expect(told.stdout).toContain('region: one of 3');

    const features = [...SURVEY.features, { name: 'pets', column: 'Pets', kind: 'integer' }];
    const bad = await description('bad.model.json', { ...SURVEY, features });
    const { code, stdout, stderr } = await run(describeCommand, ['--check', bad, data]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('it has 1 fault.\nline 30: features.4.column: names no column of the CSV\n');
  });

  test('the description in docs/model-lifecycle.md holds together', async () => {
    const guide = await readFile(join(import.meta.dir, '../../docs/model-lifecycle.md'), 'utf8');
    const [, json = ''] = /```json\n([\s\S]*?)```/.exec(guide) ?? [];
    const csv = surveyCsv()
      .replace('Net income', 'income')
      .replace('Rent', 'age')
      .replace('Children', 'children');
    const path = await file('guide.model.json', json);
    const stdin = csv.replace('Spent', 'totexp').replace(/^(\d+,[\d.]+,\d+)[\d.]*/gm, '$1');
    expect(await run(describeCommand, ['--check', path, '-'], { stdin })).toMatchObject({
      code: 0,
      stderr: '',
    });
  });

  test('writes the JSON Schema that editors complete by', async () => {
    const { code, stdout } = await run(describeCommand, ['--schema']);
    expect([code, JSON.parse(stdout).title]).toEqual([0, 'Description of a model for savings train']);
  });

  test.each([
    [[], 'Say which DATA.'],
    [['--schema', 'x.csv'], 'Leave out the arguments'],
    [['x.csv', '--check', 'y.json', '--target', 'z'], 'Give either --target or --check.'],
  ])('%j is wrong use', async (args, message) => {
    const { code, stderr } = await run(describeCommand, args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  test('says what another file is', async () => {
    const { code, stderr } = await run(describeCommand, ['-'], { stdin: surveyCsv(3).replaceAll(',', ';') });
    expect([code, stderr]).toEqual([1, expect.stringContaining('its columns are separated by semicolons')]);
  });
});

describe('savings train --description', () => {
  const train = async (json: unknown, csv = surveyCsv(), ...args: string[]) => {
    const out = await mkdtemp(join(directory, 'out-'));
    const path = await description('tried.model.json', json);
    const ran = await run(
      trainCommand,
      ['--description', path, '--data', '-', '--out', out, '--version', 'v', ...small, ...args],
      { stdin: csv },
    );
    const made = await readdir(join(out, 'versions')).catch(() => []);
    const manifest =
      made.length === 0 ? undefined : await Bun.file(join(out, 'versions/v/manifest.json')).json();
    return { ...ran, out, made, manifest };
  };

  test('takes from the data what is left out, and all else from the description', async () => {
    const data = { kind: 'survey', source: 'Town survey.', licence: 'CC0', year: 2024 };
    const { code, stderr, manifest } = await train({ ...SURVEY, data, interval: { coverage: 0.8 } });
    expect([code, stderr]).toEqual([0, '']);
    expect(manifest).toMatchObject({
      format: 'savings-model/2',
      name: 'town-survey',
      data,
      interval: { coverage: 0.8 },
      target: { column: 'Put aside', unit: '£/week', currency: 'GBP', period: 'week', transform: 'identity' },
    });
    const [income, rent, children, region] = manifest.features;
    expect(income).toMatchObject({ label: 'Net income', unit: '£/week', min: 0, group: 'Income' });
    expect(income.max).toBeGreaterThanOrEqual(income.trained.max);
    expect(rent).toMatchObject({ role: 'expense', group: 'Expenses', min: 0 });
    expect(children).toMatchObject({ role: 'other', max: 6 });
    expect(region).toMatchObject({ choices: ['East', 'North', 'South'], min: 0, max: 2 });
    expect(manifest.encoding).toHaveLength(6);
    expect(manifest.metrics.model.r2).toBeGreaterThan(0.5);
  });

  test('makes a model that predicts the rows it learned from, each of them', async () => {
    const { out } = await train(SURVEY);
    const { code, stdout } = await run(predictCommand, ['--model', join(out, 'versions/v')], {
      stdin: surveyCsv(),
    });
    expect([code, stdout.trim().split('\n').length]).toEqual([0, 601]);
  });

  test('computes a target of several columns, and derived columns in any order', async () => {
    const { code, manifest } = await train({
      ...SURVEY,
      derived: [
        { name: 'freeShare', label: 'Free, share', op: 'share', of: 'free', by: 'income' },
        { name: 'free', label: 'Free', op: 'difference', of: 'income', minus: 'rent' },
      ],
      target: { computed: { of: 'Net income', minus: ['Spent'] }, label: 'Left' },
    });
    expect(code).toBe(0);
    expect(manifest.derived.map(({ name }: { name: string }) => name)).toEqual(['free', 'freeShare']);
    expect(manifest.target).toMatchObject({ column: 'Net income - Spent', label: 'Left' });
    // Something is divided by it.
    expect(manifest.features[0].min).toBeGreaterThan(0);
  });

  test('lets each row count by its weight, and says so', async () => {
    // Households in the north put aside less; nobody else counts.
    const csv = surveyCsv().replace(/^(.*,(?:South|East),.*),\d,([^,]*)$/gm, '$1,0,$2');
    const [plain, weighted] = [await train(SURVEY, csv), await train({ ...SURVEY, weight: 'Weight' }, csv)];
    expect(weighted.code).toBe(0);
    expect(weighted.manifest.trainer.options.weightColumn).toBe('Weight');
    expect(plain.manifest.trainer.options.weightColumn).toBeUndefined();
    const meanMae = ({ manifest }: typeof plain) => manifest.metrics.mean.mae;
    expect(meanMae(weighted)).not.toBe(meanMae(plain));
    const negative = csv.replace(/,\d,([^,]*)$/m, ',-1,$1');
    expect((await train({ ...SURVEY, weight: 'Weight' }, negative)).stderr).toContain(
      'line 2: column Weight: please enter a number from 0 on.',
    );
  });

  test('makes a model without an income, which knows of no budget', async () => {
    const features = SURVEY.features.map(({ role: _, ...feature }) => feature);
    const { code, manifest, made, out } = await train({ ...SURVEY, features });
    expect([code, made]).toEqual([0, ['v']]);
    expect(manifest.format).toBe('savings-model/2');
    expect(manifest.metrics.brackets).toBeUndefined();
    expect(manifest.interval.bands).toHaveLength(1);
    expect(manifest.interval.measuredCoverage).toBeGreaterThan(0.8);

    const model = await loadModel(await readArtifact(join(out, 'versions/v')), { spawn: spawnLoadWorker });
    expect([model.income, model.words.budget]).toEqual([undefined, undefined]);
    const inputs = model.inputs.defaults();
    const prediction = model.predict(inputs);
    expect(prediction).toMatchObject({ income: 0, totalExpenses: 0, remainder: 0, rate: 0 });
    expect(prediction.interval.low).toBeLessThan(prediction.amount);
    expect(model.explain(inputs, prediction)!.parts).toHaveLength(4);
    expect(seekGoal(model, inputs, prediction, prediction.amount + 1e6)).toMatchObject({
      standing: 'beyond',
      income: undefined,
      cuts: [],
    });
    const card = await Bun.file(join(out, 'versions/v/MODEL_CARD.md')).text();
    expect(card).toContain('made to hold');
    expect(card).not.toContain('income below');
  });

  test('refuses two incomes', async () => {
    const features = SURVEY.features.map((feature) =>
      feature.name === 'rent' ? { ...feature, role: 'income' } : feature,
    );
    const { stderr } = await train({ ...SURVEY, features });
    expect(stderr).toContain('features: must not hold more than one feature with the role income');
  });

  test('draws single extreme values in to the range of the others', async () => {
    const csv = surveyCsv().replace(/^(1,)[\d.]+/m, '$199999999');
    const { manifest } = await train(SURVEY, csv);
    expect(manifest.features[0].max).toBeLessThan(10_000);
    expect(manifest.features[0].trained.max).toBeLessThanOrEqual(manifest.features[0].max);
  });

  test('refuses bad rows by line, or leaves them out and says so', async () => {
    const csv = surveyCsv(620)
      .replace(/^(5,)[\d.]+/m, '$1')
      .replace(/^(7,[\d.]+,)[\d.]+/m, '$1none')
      .replace(/^(9,.*)(North|South|East)/m, '$1');
    const lines = [
      'line 6: column Net income: please enter a number',
      'line 8: column Rent: please enter a number',
      'line 10: column Region: please enter one of East, North, South.',
    ];
    const refused = await train(SURVEY, csv);
    expect([refused.code, refused.made]).toEqual([1, []]);
    for (const line of ['it has 3 bad rows.', ...lines]) expect(refused.stderr).toContain(line);
    const dropped = await train(SURVEY, csv, '--drop-bad-rows');
    expect(dropped.code).toBe(0);
    for (const line of ['3 bad rows were left out.', ...lines]) expect(dropped.stderr).toContain(line);
    const { rows, calibrationRows, holdoutRows } = dropped.manifest.trainer;
    expect(rows + calibrationRows + holdoutRows).toBe(617);
  });

  const [income, rent, children, region] = SURVEY.features;
  const withTarget = (more: object) => ({ ...SURVEY, target: { label: 'Left', ...more } });
  const derived = (...columns: object[]) => ({ ...SURVEY, derived: columns });
  test.each([
    [
      'features.3.column: names no column of the CSV',
      { ...SURVEY, features: [income, rent, children, { ...region, column: 'Ward' }] },
    ],
    ['target.column: names no column of the CSV', withTarget({ column: 'Saved' })],
    [
      'target.computed.minus.0: names no column of the CSV',
      withTarget({ computed: { of: 'Spent', minus: ['Tax'] } }),
    ],
    ['weight: names no column of the CSV', { ...SURVEY, weight: 'wt' }],
    ['target.column: is the column of features.1 too', withTarget({ column: 'Rent' })],
    [
      'target.computed: is computed from inputs alone that the forest sees',
      withTarget({ computed: { of: 'Net income', minus: ['Rent'] } }),
    ],
    ['target: needs either column or computed', withTarget({})],
    [
      'target: needs either column or computed',
      withTarget({ column: 'Spent', computed: { of: 'Spent', minus: ['Rent'] } }),
    ],
    ['currency: must be the code of a currency', { ...SURVEY, currency: 'GBX' }],
    [
      'currency: is needed where a feature is an income or expense',
      { ...SURVEY, currency: undefined, target: { ...SURVEY.target, unit: 'points' } },
    ],
    ['period: is needed where a feature is an income or expense', { ...SURVEY, period: undefined }],
    [
      'period: belongs to amounts of money: it needs a currency',
      {
        ...SURVEY,
        currency: undefined,
        features: [children, region],
        target: { ...SURVEY.target, unit: 'points' },
      },
    ],
    [
      'target.unit: is missing: without a currency what is predicted needs a unit',
      { ...SURVEY, currency: undefined, period: undefined, features: [children, region] },
    ],
    ['period: must be one of week, month, year', { ...SURVEY, period: 'day' }],
    [
      'features.4.kind: its column holds more than 50 different texts',
      { ...SURVEY, features: [...SURVEY.features, { name: 'who', column: 'Household', kind: 'choice' }] },
    ],
    [
      'features.1.choices: must hold two choices at least',
      { ...SURVEY, features: [income, { ...region, choices: ['North'] }] },
    ],
    [
      'features.1.kind: its column holds numbers that are not whole',
      { ...SURVEY, features: [income, { ...rent, kind: 'integer' }] },
    ],
    [
      'features.1.kind: its column holds no number',
      { ...SURVEY, features: [income, { ...region, kind: 'number' }] },
    ],
    ['features.0.min: must be a number', { ...SURVEY, features: [{ ...income, min: 'low' }] }],
    ['features.0: min must not be above max', { ...SURVEY, features: [{ ...income, min: 9, max: 8 }] }],
    [
      'features.0.default: must lie from min to max',
      { ...SURVEY, features: [{ ...income, min: 9, max: 18, default: 5 }] },
    ],
    [
      'features.1.name: is the name of an earlier feature',
      { ...SURVEY, features: [income, { ...rent, name: 'income' }] },
    ],
    [
      'features.1.choices: belongs to a choice alone',
      { ...SURVEY, features: [income, { ...rent, choices: ['a', 'b'] }] },
    ],
    [
      'features.1.others: is none of the choices',
      { ...SURVEY, features: [income, { ...region, choices: ['North', 'South'], others: 'Rest' }] },
    ],
    [
      'features.1.others: belongs to a choice alone',
      { ...SURVEY, features: [income, { ...rent, others: 'a' }] },
    ],
    [
      'features.0.colour: is no key of a description',
      { ...SURVEY, features: [{ ...income, colour: 'red' }] },
    ],
    ['features.1.kind: is missing', { ...SURVEY, features: [income, { name: 'rent' }] }],
    [
      'derived.0: stands in a circle: a is computed from b',
      derived(
        { name: 'a', label: 'A', op: 'sum', of: ['b', 'rent'] },
        { name: 'b', label: 'B', op: 'sum', of: ['a', 'rent'] },
      ),
    ],
    ['derived.0: refers to no number', derived({ name: 'a', label: 'A', op: 'sum', of: ['region', 'rent'] })],
    ['encoding.1: refers to no derived column', { ...SURVEY, encoding: ['income', 'nothing'] }],
    [
      'target.clamp.max: refers to no number of the model',
      withTarget({ column: 'Put aside', clamp: { min: 0, max: 'left' } }),
    ],
    ['decide: names what is still to be decided: period', { ...SURVEY, decide: ['period'] }],
  ])('refuses %s', async (message, json) => {
    const { code, stderr, made } = await train(json);
    expect(stderr).toMatch(
      /^savings test: Cannot use .*tried\.model\.json: it has \d+ faults?\.\nline \d+: /,
    );
    expect(stderr).toContain(message);
    expect([code, made]).toEqual([1, []]);
  });

  test('refuses a target that is the same in every row', async () => {
    const { stderr } = await train(SURVEY, surveyCsv().replace(/,-?[\d.]+$/gm, ',5'));
    expect(stderr).toContain('target.column: is the same in every row: there is nothing to predict');
  });

  test('refuses a choice of which the data holds one', async () => {
    const { stderr } = await train(SURVEY, surveyCsv().replace(/North|South|East/g, 'North'));
    expect(stderr).toContain('features.3.kind: its column holds one text alone');
  });

  test('refuses a target that follows from the inputs in a straight line', async () => {
    const spent = { name: 'spent', column: 'Spent', role: 'expense', kind: 'number' };
    const { code, stderr, made } = await train({ ...SURVEY, features: [...SURVEY.features, spent] });
    expect([code, made]).toEqual([1, []]);
    expect(stderr).toContain('target: follows from the inputs in a straight line (R2 above 0.999)');
  });

  test('refuses fewer than 200 rows', async () => {
    const { code, stderr, made } = await train(SURVEY, surveyCsv(199));
    expect([code, made]).toEqual([1, []]);
    expect(stderr).toContain(
      'Cannot use the CSV: it has 199 good rows, and 200 are the least; train on more.',
    );
  });

  test.each([
    ['{ "name": "x",\n  "features": [\n  ],\n}', 'it is no JSON; see line 3.'],
    ['{ "name": "x"\n  "period": "week" }', 'it is no JSON; see line 1.'],
    ['', 'it is no JSON'],
    ['[]', 'must be an object'],
    ['{ "name": "x",\n "name": "y" }', 'line 2: name: stands twice'],
  ])('refuses %j', async (text, message) => {
    const path = await file('broken.model.json', text);
    const { code, stderr } = await run(trainCommand, ['--description', path, '--data', data]);
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
  });

  test.each([
    [['--sample', '400', '--description', 'x.json'], 'Give --description with --data alone.'],
    [['--sample', '400', '--drop-bad-rows'], 'Give --drop-bad-rows with --data alone.'],
  ])('%j is wrong use', async (args, message) => {
    const { code, stderr } = await run(trainCommand, args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});
