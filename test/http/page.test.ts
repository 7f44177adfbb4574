import { beforeAll, describe, expect, test } from 'bun:test';
import { gunzipSync } from 'node:zlib';
import { HOUSEHOLD, HOUSEHOLD_TEXT, testApp } from '../support/app.ts';
import { select, textOf } from '../support/html.ts';

let server: Awaited<ReturnType<typeof testApp>>;
beforeAll(async () => {
  server = await testApp();
});

const INDIA = { 'accept-language': 'en-IN' };
const HTMX = { ...INDIA, 'hx-request': 'true' };
const rupees = (amount: number) =>
  new Intl.NumberFormat('en-IN', { style: 'currency', currency: 'INR', maximumFractionDigits: 0 }).format(
    Math.round(amount),
  );

const get = async (path = '/', headers: Record<string, string> = INDIA) =>
  await (await server.app.request(path, { headers })).text();
const post = async (changes: Record<string, string> = {}, headers: Record<string, string> = INDIA) =>
  await (await server.postForm({ ...HOUSEHOLD_TEXT, ...changes }, headers)).text();

/** HTMLRewriter does not see SVG's `desc`. */
const describedAs = (html: string, id: string) =>
  new RegExp(`<desc id="${id}-desc">([^<]+)</desc>`).exec(html)?.[1];

async function counted(): Promise<{ predictions: number; rejected: number }> {
  const text = await server.deps.metrics.registry.metrics();
  const sum = (pattern: RegExp) =>
    [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
  return {
    predictions: sum(/^savings_predictions_total\{.*surface="page"\} (\d+)/gm),
    rejected: sum(/^savings_input_rejected_total\{.*\} (\d+)/gm),
  };
}

/** What a request adds to the counts. */
async function countedBy(work: () => Promise<unknown>) {
  const before = await counted();
  await work();
  const after = await counted();
  return {
    predictions: after.predictions - before.predictions,
    rejected: after.rejected - before.rejected,
  };
}

describe('GET /', () => {
  test('shows the form with the result for its example', async () => {
    const html = await get();
    expect(html.slice(0, 32)).toBe('<!DOCTYPE html><html lang="en" d');
    for (const { name, default: value } of server.model.manifest.features) {
      const [field] = select(html, `[name="${name}"]`);
      expect(field?.attributes.value).toBe(String(value));
    }
    const { amount } = server.model.predict(server.model.inputs.defaults());
    expect(textOf(html, '.amount strong')).toBe(rupees(amount));
    expect(textOf(html, '#headline')).toContain('An example household');
  });

  test('has a slider beside each number, a label and help at each field', async () => {
    const html = await get();
    for (const { name, label, help } of server.model.manifest.features) {
      expect(textOf(html, `label[for="in-${name}"]`)).toStartWith(label);
      expect(textOf(html, `#in-${name}-help`)).toBe(help);
      const [slider] = select(html, `.slider[data-for="in-${name}"]`);
      expect(slider?.attributes.name).toBeUndefined();
      expect(slider?.attributes['aria-label']).toContain(label);
    }
    const groups = [...new Set(server.model.manifest.features.map(({ group }) => group))];
    expect(select(html, '.group legend').map(({ text }) => text)).toEqual(groups);
    expect(select(html, '.group summary span:first-child').map(({ text }) => text)).toEqual(groups);
  });

  test('loads nothing from another host and holds no inline script or style', async () => {
    const html = await get();
    const inline =
      /(?:src|href|action)="(?:https?:)?\/\/|<style|style="|<script(?![^>]*src=)|\son\w+="|hx-on|js:/;
    expect(inline.exec(html)?.[0]).toBeUndefined();
  });

  test('finds every part of it at this server, cached for ever and compressed', async () => {
    const html = await get();
    const paths = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1]);
    expect(paths.map((path) => path.slice(path.lastIndexOf('.'))).sort()).toEqual([
      '.css',
      '.js',
      '.js',
      '.js',
      '.js',
      '.svg',
    ]);
    for (const path of paths) {
      const response = await server.app.request(path, { headers: { 'accept-encoding': 'gzip' } });
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toContain('immutable');
      expect(response.headers.get('content-encoding')).toBe('gzip');
    }
  });

  test('weighs less than 60 kB with all its parts', async () => {
    const gzip = { ...INDIA, 'accept-encoding': 'gzip' };
    const page = await (await server.app.request('/', { headers: gzip })).arrayBuffer();
    const html = gunzipSync(new Uint8Array(page)).toString();
    let bytes = page.byteLength;
    for (const [, path] of html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)) {
      bytes += (await (await server.app.request(path, { headers: gzip })).arrayBuffer()).byteLength;
    }
    expect(bytes).toBeLessThan(60_000);
  });

  test("counts as nobody's prediction", async () => {
    expect(await countedBy(() => get())).toEqual({ predictions: 0, rejected: 0 });
  });

  test('waits with 503 while there is no model', async () => {
    const state = { model: undefined, loadedAt: undefined, stale: undefined, failure: undefined };
    const { app } = await testApp({ live: { model: undefined, state } });
    const response = await app.request('/');
    expect(response.status).toBe(503);
    expect(textOf(await response.text(), '.waiting h1')).toBe('Almost ready');
  });
});

describe('POST /predict', () => {
  test('answers a plain post with the whole page and htmx with the same part of it', async () => {
    const whole = await post();
    const part = await post({}, HTMX);
    expect(whole.startsWith('<!DOCTYPE html>')).toBe(true);
    expect(part.includes('<html')).toBe(false);
    expect(whole.includes(part.slice(part.indexOf('<div id="household"')))).toBe(true);
  });

  test("shows the model's own figures in the reader's locale", async () => {
    const { amount, income } = server.model.predict(HOUSEHOLD);
    for (const locale of ['en-IN', 'de-DE']) {
      const html = await post({}, { 'accept-language': locale });
      const money = new Intl.NumberFormat(locale, {
        style: 'currency',
        currency: 'INR',
        maximumFractionDigits: 0,
      });
      expect(textOf(html, '.amount strong')).toBe(money.format(Math.round(amount)));
      expect(textOf(html, '.key-figures')).toContain(money.format(income));
    }
  });

  test('says how sure the prediction is in words, with the interval of the model', async () => {
    const { interval } = server.model.predict(HOUSEHOLD);
    expect(textOf(await post(), '.range')).toBe(
      `A model expects this, between ${rupees(interval.low)} and ${rupees(interval.high)}: a range made to hold for 9 of 10 households in its data.`,
    );
  });

  test('has four key figures, each held against another', async () => {
    const { income, totalExpenses, amount, remainder } = server.model.predict(HOUSEHOLD);
    const html = await post();
    const figures = select(html, '.key-figures dd').map(({ text }) => text);
    expect(figures[0]).toBe(`${rupees(income)}${rupees(income * 12)} a year`);
    expect(figures[1]).toBe(`${rupees(totalExpenses)}71.0% of income`);
    expect(figures[2]).toBe(`${rupees(remainder)}29.0% of income`);
    expect(figures[3]).toStartWith(rupees(amount));
  });

  test('draws every chart, each with a name, a description and its numbers', async () => {
    const html = await post();
    const charts = ['interval', 'gauge', 'balance', 'projection', 'donut', 'ranked', 'waterfall'];
    charts.push('contributions', 'importances', ...server.model.expenses.map(({ name }) => `sweep-${name}`));
    const drawn = select(html, 'svg').map(({ attributes }) => attributes['aria-labelledby']);
    expect(drawn.sort()).toEqual(charts.map((id) => `${id}-title ${id}-desc`).sort());
    for (const id of charts) {
      expect(textOf(html, `#${id}-title`)).not.toBe('');
      expect(describedAs(html, id)).toBeString();
    }
    expect(select(html, 'figure.card').length).toBe(select(html, 'figure.card table').length);
  });

  test('ranks the expenses and names the three largest with their shares', async () => {
    const html = await post();
    const largest = select(html, '.largest li').map(({ text }) => text);
    expect(largest).toEqual([
      'Rent 28.2% of expenses ₹12,000',
      'Groceries 16.4% of expenses ₹7,000',
      'Education 9.4% of expenses ₹4,000',
    ]);
  });

  test('projects twelve months of what is left over, with their total, and of the prediction', async () => {
    const { amount, remainder } = server.model.predict(HOUSEHOLD);
    const description = describedAs(await post(), 'projection');
    expect(description).toContain(`left over come to ${rupees(remainder * 12)} in 12 months`);
    expect(description).toContain(`the predicted ${rupees(amount)} come to ${rupees(amount * 12)}`);
  });

  test('explains the prediction from the average to the amount', async () => {
    const explanation = server.model.explain(HOUSEHOLD, server.model.predict(HOUSEHOLD))!;
    const description = describedAs(await post(), 'contributions')?.replace('&#39;', "'");
    expect(description).toStartWith(`It begins at ${rupees(explanation.base)}`);
    expect(description).toEndWith(`it ends at ${rupees(explanation.amount)}.`);
    expect(description).toContain(explanation.parts[0].label);
  });

  test('names the model that predicted by version and sha256', async () => {
    const identity = textOf(await post(), '.identity');
    expect(identity).toContain(server.model.version);
    expect(identity).toContain(server.model.sha256.slice(0, 12));
  });

  test('puts each message at its field with 422 and keeps what was typed', async () => {
    const typed = { ...HOUSEHOLD_TEXT, income: '0', rent: '', age: 'forty' };
    const response = await server.postForm(typed, INDIA);
    expect(response.status).toBe(422);
    const html = await response.text();
    for (const field of ['income', 'rent', 'age']) {
      const [input] = select(html, `#in-${field}`);
      expect(input?.attributes).toMatchObject({ value: typed[field as 'age'], 'aria-invalid': 'true' });
      expect(input?.attributes['aria-describedby']).toContain(`in-${field}-note`);
      expect(textOf(html, `#in-${field}-note.error`)).not.toBe('');
      expect(select(html, `.refused a[href="#in-${field}"]`).length).toBe(1);
    }
    expect(textOf(html, '#in-groceries-note')).toBe('');
    expect(select(html, '#in-groceries')[0]?.attributes.value).toBe(String(HOUSEHOLD.groceries));
    expect(select(html, '.panel').length).toBe(0);
  });

  test('sends htmx the form alone when an input is refused, so that the last result stays', async () => {
    const html = await post({ rent: '' }, HTMX);
    expect(textOf(html, '#in-rent-note.error')).toBe('Rent: please enter a number from 0 to 1,00,00,000.');
    expect(select(html, '#household, #headline, #answer')).toEqual([]);
  });

  test('reads numbers by the locale of the reader, and shows what it understood where that reads otherwise', async () => {
    const german = { 'accept-language': 'de-DE' };
    const html = await post({ income: '60.000', rent: '12,5k' }, german);
    expect(textOf(html, '.key-figures')).toContain('60.000\u00a0₹');
    expect(textOf(html, 'output[for="in-income"]')).toBe('');
    expect(textOf(html, 'output[for="in-rent"]')).toBe('12.500\u00a0₹');
    expect(select(html, '#in-rent')[0]?.attributes).toMatchObject({ value: '12,5k', 'data-amount': '12500' });
    const refused = await post({ income: '60,000' }, german);
    expect(textOf(refused, '#in-income-note.error')).toBe(
      'Income: is it 60 or 60.000? Please write the one that you mean.',
    );
  });

  test('logs neither what was typed nor what it may have meant', async () => {
    const before = server.lines.length;
    await post({ income: '5O717', rent: '717,5', _goal: '1.717' });
    expect(server.lines.length).toBeGreaterThan(before);
    for (const line of server.lines.slice(before)) {
      const { time, requestId, ms, ...said } = JSON.parse(line);
      expect(JSON.stringify(said)).not.toContain('717');
    }
  });

  test('escapes what was typed', async () => {
    const html = await post({ rent: '"><script>alert(1)</script>', _goal: '"><b>', _keptA: '"><b>' });
    expect(html.includes('<script>alert') || html.includes('"><b>')).toBe(false);
  });

  test('warns beside an input that the model was not trained on', async () => {
    const html = await post({ age: '95' });
    expect(textOf(html, '#in-age-note')).toContain('The model has seen next to nothing above 64');
    expect(textOf(html, '#in-rent-note')).toBe('');
    expect(textOf(html, '.beyond')).toBe('Beyond what the model has seen: Age, above 64.');
  });

  test('warns of a share of income that the model has not seen, and of no amount that it has seen as a share', async () => {
    const html = await post({ rent: '30000' });
    expect(textOf(html, '#in-rent-note')).toStartWith(
      'The model has seen next to nothing above about 30% of income:',
    );
    expect(textOf(html, '.beyond')).toBe('Beyond what the model has seen: Rent, above about 30% of income.');
  });

  test('warns of nothing where there is no such expense', async () => {
    const html = await post({ rent: '0' });
    expect(textOf(html, '#in-rent-note')).toBe('');
  });

  test('says why in plain words, with method and literature behind a disclosure', async () => {
    const html = await post();
    const words = textOf(html, '#panel-why');
    expect(words).toContain('What is left over');
    expect(words).not.toMatch(/, share of income|₹0(?![\d,.])/);
    const methods = select(html, '#panel-why details .fine').map(({ text }) => text);
    expect(methods.join(' ')).toMatch(/Saabas, 2014.*shuffled/);
    expect(words.match(/Saabas|shuffled/g)?.length).toBe(2);
  });

  test('shows a prediction beyond what the model has seen as a guess, and what is left over as it is', async () => {
    const html = await post({ income: '5000000' });
    expect(select(html, '#household')[0].attributes.class).toBe('household unseen');
    expect(textOf(html, '.range')).toStartWith('A guess, between ₹');
    expect(textOf(html, '#announcement')).toContain('beyond what the model has seen');
    expect(textOf(html, '.rate .chip')).toBe('A fifth or more');
    expect(select(await post(), '.beyond, .unseen')).toEqual([]);
  });

  test('says so when expenses exceed income, and promises nothing', async () => {
    const html = await post({ rent: '58000' });
    expect(textOf(html, '.left-over h3')).toBe('Short by');
    expect(textOf(html, '.left-over strong')).toBe('₹28,600');
    expect(textOf(html, '.amount strong')).toBe('₹0');
    expect(textOf(html, '.overspent')).toContain('₹28,600 above income');
    expect(textOf(html, '.rate .chip')).toBe('Overspending');
    expect(select(html, '#interval-title, [id^="sweep-"]')).toEqual([]);
    expect(describedAs(html, 'projection')).toBe('₹28,600 a month short come to ₹3,43,200 in 12 months.');
  });

  test('calls nothing a guess where nothing is left over, and draws no line of nothing', async () => {
    const html = await post({ rent: '29400', loanRepayment: '3000', education: '0', groceries: '11000' });
    expect(textOf(html, '.left-over strong')).toBe('₹0');
    expect(textOf(html, '.range')).toStartWith('Nothing is left over that could be set aside');
    expect(select(html, '#interval-title')).toEqual([]);
    expect(html).toContain('id="sweep-rent-title"');
    expect(html).not.toContain('id="sweep-education-title"');
  });

  test('never says of what is missing that it takes none of the spending', async () => {
    const html = await post({ rent: '29401' });
    expect(textOf(html, '.tips')).toContain('every expense falls by less than 0.1%');
    expect(textOf(html, '.goal')).toContain('less than 0.1% off everything');
    expect(textOf(html, '.left-over')).toContain('less than 0.1% of income');
  });

  test('varies by what it depends on and is never stored', async () => {
    const { headers } = await server.postForm(HOUSEHOLD_TEXT);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('vary')).toContain('hx-request');
  });

  test('reads no figure from an address', async () => {
    const html = await get('/?income=77777&rent=1');
    expect(html.includes('77777')).toBe(false);
  });
});

describe('a look that says what is in view', () => {
  const LOOK = { _do: 'look' };
  const panel = (html: string, id: string) => textOf(html, `#${id}`);

  test('gets that panel whole, and of the others only their places, marked', async () => {
    const whole = await post(LOOK, HTMX);
    const part = await post({ ...LOOK, _open: 'panel-why' }, HTMX);
    expect(panel(part, 'panel-why')).toBe(panel(whole, 'panel-why'));
    for (const id of ['panel-overview', 'panel-spending', 'panel-change']) {
      expect(part).toContain(`<section id="${id}" class="panel" tabindex="-1" data-stale=""></section>`);
    }
    for (const id of ['headline', 'household-form']) expect(panel(part, id)).toBe(panel(whole, id));
    expect(select(whole, '[data-stale]')).toEqual([]);
  });

  test('is answered whole where nothing could fill the rest: without htmx, for a button, for no such panel', async () => {
    const open = { _open: 'panel-why' };
    for (const html of [
      await post({ ...LOOK, ...open }),
      await post({ ...open }, HTMX),
      await post({ ...LOOK, _open: 'panel-none' }, HTMX),
      await post({ ...LOOK, _open: '' }, HTMX),
    ]) {
      expect(select(html, '[data-stale]')).toEqual([]);
      expect(select(html, '.panel h2')).toHaveLength(4);
    }
  });
});

describe('what counts as a prediction', () => {
  test('a submitted form does, and a refused one as a refusal', async () => {
    expect(await countedBy(() => post())).toEqual({ predictions: 1, rejected: 0 });
    expect(await countedBy(() => post({ rent: '', age: 'x' }))).toEqual({ predictions: 0, rejected: 2 });
  });

  test.each(['look', 'keep', 'restore-A', 'drop-A', 'rename'])(
    '%p does not, refused or not',
    async (intent) => {
      const asked = () => post({ _do: intent });
      const refused = () => post({ _do: intent, rent: '' });
      expect(await countedBy(asked)).toEqual({ predictions: 0, rejected: 0 });
      expect(await countedBy(refused)).toEqual({ predictions: 0, rejected: 0 });
    },
  );
});

describe('keep this, then change', () => {
  const kept = async () => select(await post({ _do: 'keep' }), '[name="_keptA"]')[0].attributes.value!;

  test('carries the kept household in the form', async () => {
    expect(Object.fromEntries(new URLSearchParams(await kept()))).toEqual({
      ...HOUSEHOLD_TEXT,
      _name: 'A',
      _model: server.model.version,
    });
  });

  test('shows the two side by side, with every input that differs', async () => {
    const html = await post({ _keptA: await kept(), rent: '15000', income: '70000' });
    const rows = select(html, '.comparison tbody tr').map(({ text }) => text);
    expect(rows[0]).toBe('Left over₹17,400₹24,400+₹7,000');
    expect(rows.slice(4)).toEqual([
      'All expenses₹42,600₹45,600+₹3,000',
      'Income₹60,000₹70,000+₹10,000',
      'Rent₹12,000₹15,000+₹3,000',
    ]);
    const before = server.model.predict(HOUSEHOLD).amount;
    const now = server.model.predict({ ...HOUSEHOLD, rent: 15_000, income: 70_000 }).amount;
    expect(rows[3]).toStartWith(`Predicted savings${rupees(before)}${rupees(now)}`);
  });

  test.each([
    [{ rent: '15000' }, 'Beside A: ₹3,000 a month less is left over; the prediction'],
    [{ rent: '9000' }, 'Beside A: ₹3,000 a month more is left over; the prediction'],
    [{ age: '41' }, 'Beside A: as much is left over; the prediction stays as it is.'],
    [{ rent: '90000' }, 'Beside A: ₹78,000 a month less is left over; the prediction falls'],
  ])('says what a change to %p does', async (change, words) => {
    expect(textOf(await post({ _keptA: await kept(), ...change }), '.difference')).toStartWith(words);
  });

  test('says of two households that are short what is missing', async () => {
    const short = select(await post({ _do: 'keep', rent: '90000' }), '[name="_keptA"]')[0].attributes.value!;
    const words = async (rent: string) => textOf(await post({ _keptA: short, rent }), '.difference');
    expect(await words('95000')).toBe(
      'Beside A: ₹5,000 a month more is missing; the prediction stays as it is.',
    );
    expect(await words('80000')).toStartWith('Beside A: ₹10,000 a month less is missing');
  });

  test('names the model that was live when the household was kept, if it is another now', async () => {
    const words = async (version: string) => {
      const kept = `${new URLSearchParams(HOUSEHOLD_TEXT)}${version}`;
      return select(await post({ _keptA: kept, rent: '1' }), '.kept-with').map(({ text }) => text);
    };
    const { version } = server.model;
    expect(await words('&_model=earlier-1')).toEqual([
      `A was kept when model earlier-1 answered. The live model is now ${version}, and every prediction here is its own; what is left over does not depend on a model.`,
    ]);
    for (const none of ['', `&_model=${version}`, '&_model=No+Name', '&_model=<b>', '&_model='])
      expect(await words(none)).toEqual([]);
  });

  test('brings the kept figures back, and forgets them', async () => {
    const changed = { _keptA: await kept(), rent: '15000' };
    const restored = await post({ ...changed, _do: 'restore-A' });
    expect(select(restored, '#in-rent')[0]?.attributes.value).toBe('12000');
    const dropped = await post({ ...changed, _do: 'drop-A' });
    expect(select(dropped, '#in-rent')[0]?.attributes.value).toBe('15000');
    expect(select(dropped, '[name="_keptA"], .comparison')).toEqual([]);
  });

  test.each(['', 'income=1', 'nonsense', 'income=-5&age=3'])(
    'forgets a kept household of %p',
    async (kept) => {
      const response = await server.postForm({ ...HOUSEHOLD_TEXT, _keptA: kept });
      expect(response.status).toBe(200);
      expect(select(await response.text(), '.comparison')).toEqual([]);
    },
  );
});

describe('goal-seek on the page', () => {
  test('proposes a goal and takes another', async () => {
    expect(textOf(await post(), '.goal h3')).toBe('To save ₹12,000 a month');
    const html = await post({ _goal: '15000' });
    expect(textOf(html, '.goal h3')).toBe('To save ₹15,000 a month');
    expect(select(html, '#goal')[0]?.attributes.value).toBe('15000');
  });

  test('goes by arithmetic first, and asks no model where that reaches the amount', async () => {
    const goal = textOf(await post({ _goal: '15000' }), '.goal');
    expect(goal).toContain('₹17,400 is left over now, so ₹15,000 needs no cut');
    expect(goal).not.toContain('prediction of');
  });

  test('names what could fall first', async () => {
    expect(textOf(await post({ _goal: '19000' }), '.goal')).toMatch(
      /₹19,000 takes ₹1,600 less spending a month: for instance 40\.0% off Eating out and Entertainment, or 3\.8% off everything; or an income of ₹61,600 with all spending as it is\./,
    );
  });

  test('says so where what could fall first is not enough', async () => {
    expect(textOf(await post({ _goal: '25000' }), '.goal')).toMatch(
      /₹7,600 less spending a month: 17\.8% off everything; all ₹4,000 of Eating out and Entertainment would not be enough; or an income of ₹67,600/,
    );
  });

  test('proposes nothing to save to whoever is short, but to come out even', async () => {
    const html = await post({ rent: '58000' });
    expect(textOf(html, '.goal h3')).toBe('To come out even');
    expect(textOf(html, '.goal')).toContain(
      '₹28,600 is missing now. To come out even takes ₹28,600 less spending',
    );
  });

  test('names cuts where spending is what holds the savings down', async () => {
    const html = await post({ rent: '28000', _goal: '5000' });
    expect(select(html, '.goal li').length).toBeGreaterThan(0);
    expect(textOf(html, '.goal')).toContain('₹5,000 takes ₹3,600 less spending');
  });

  test.each([
    ['1k', '₹1,000'],
    ['1e3', '₹1,000'],
    ['10,000', '₹10,000'],
    ['₹1.2 lakh', '₹1,20,000'],
    ['+5', '₹5'],
    ['.5', '₹1'],
    ['10000000', '₹1,00,00,000'],
  ])('takes a goal of %s, as any other field of the form would', async (goal, written) => {
    const html = await post({ _goal: goal });
    expect(textOf(html, '.goal h3')).toBe(`To save ${written} a month`);
    expect(select(html, '#goal-note.error')).toEqual([]);
  });

  const NO_NUMBER = 'please enter a number: there is a letter or a sign in it that is no part of one.';
  const SEPARATORS = 'please enter a number, plain or with its separators as in 12,34,567.5.';
  test.each([
    ['x', NO_NUMBER],
    ['∞', NO_NUMBER],
    ['Infinity', NO_NUMBER],
    ['0x10', NO_NUMBER],
    ['1e400', NO_NUMBER],
    ['€10', NO_NUMBER],
    ['0', 'please enter more than 0.'],
    ['-0', 'please enter more than 0.'],
    ['-5', 'please enter more than 0.'],
    ['10000001', 'please enter at most 1,00,00,000.'],
    ['9999999999999999', 'please enter at most 1,00,00,000.'],
    ['1'.repeat(60), 'please enter at most 1,00,00,000.'],
    ['1'.repeat(400), SEPARATORS],
    ['1,2,3', SEPARATORS],
    ['.', SEPARATORS],
    ['10 000', 'is it 10,000? Please write it that way.'],
    ["10'000", 'is it 10,000? Please write it that way.'],
    ['1.000,50', 'is it 1,000.5? Please write it that way.'],
    ['12,5', 'is it 12.5 or 125? Please write the one that you mean.'],
    ['1.200k', 'is it 1,200 or 12,00,000? Please write the one that you mean.'],
  ])('says what is wrong with a goal of %p', async (goal, wanted) => {
    const response = await server.postForm({ ...HOUSEHOLD_TEXT, _goal: goal }, INDIA);
    expect(response.status).toBe(200);
    const html = await response.text();
    expect(textOf(html, '#goal-note.error')).toBe(`The amount to save: ${wanted}`);
    expect(select(html, '#goal')[0]?.attributes['aria-invalid']).toBe('true');
  });
});

describe('GET /model', () => {
  test('shows what the model is, what it was made from and how well it does', async () => {
    const { manifest, sha256 } = server.model;
    const text = textOf(await get('/model'), 'main');
    for (const fact of [
      manifest.version,
      sha256,
      manifest.data.source,
      manifest.data.licence,
      manifest.trainer.library,
      rupees(manifest.metrics.model.mae),
      rupees(manifest.metrics.linear.rmse),
      'Rates by income bracket, capped',
      rupees(manifest.metrics.brackets!.mae),
      'Learned from 400 made-up households, not surveyed ones; it follows income in steps.',
    ]) {
      expect(text).toContain(fact);
    }
    for (const { label } of manifest.features) expect(text).toContain(label);
  });

  test('waits while there is no model', async () => {
    const state = { model: undefined, loadedAt: undefined, stale: undefined, failure: undefined };
    const { app } = await testApp({ live: { model: undefined, state } });
    expect((await app.request('/model')).status).toBe(503);
  });
});

describe('what can not be answered', () => {
  const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

  test('is a page for a browser, with a way on', async () => {
    const missing = await server.app.request('/nothing', { headers: browser });
    expect(missing.status).toBe(404);
    const html = await missing.text();
    expect(textOf(html, 'h1')).toBe('Not found');
    expect(textOf(html, 'main')).toContain('There is nothing at this address.');
    expect(select(html, 'main a[href="/"]').length).toBe(1);

    const large = await server.postForm({ rent: '1'.repeat(70_000) }, browser);
    expect(large.status).toBe(413);
    expect(textOf(await large.text(), 'h1')).toBe('Too large');
  });

  test('is a problem for a program, and for the API whoever asks', async () => {
    for (const [path, headers] of [
      ['/nothing', {}],
      ['/nothing', { accept: '*/*' }],
      ['/api/v1/nothing', browser],
    ] as const) {
      const { headers: received } = await server.app.request(path, { headers });
      expect(received.get('content-type')).toBe('application/problem+json');
    }
  });

  test('leads back to the form from the address of a result', async () => {
    const response = await server.app.request('/predict');
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/');
  });
});

describe('every response', () => {
  test('has the security headers', async () => {
    for (const path of ['/', '/model', '/livez', '/nothing', '/api/v1/model']) {
      const { headers } = await server.app.request(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });
});
