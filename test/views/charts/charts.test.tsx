import { describe, expect, test } from 'bun:test';
import { Bars } from '../../../src/views/charts/bars.tsx';
import { Columns } from '../../../src/views/charts/columns.tsx';
import { Contributions } from '../../../src/views/charts/contributions.tsx';
import { Donut } from '../../../src/views/charts/donut.tsx';
import { Gauge, type GaugeBand } from '../../../src/views/charts/gauge.tsx';
import { Interval } from '../../../src/views/charts/interval.tsx';
import { Projection } from '../../../src/views/charts/projection.tsx';
import { Sweep } from '../../../src/views/charts/sweep.tsx';
import { Waterfall } from '../../../src/views/charts/waterfall.tsx';
import { expectDrawable, expectGolden, rupees } from './golden.ts';

const EXPENSES = [
  { label: 'Rent', amount: 10_000 },
  { label: 'Groceries', amount: 6_250 },
  { label: 'Education', amount: 3_750 },
  { label: 'Transport', amount: 3_250 },
  { label: 'Utilities', amount: 3_000 },
  { label: 'Healthcare', amount: 2_000 },
  { label: 'Insurance', amount: 1_750 },
  { label: 'Eating out', amount: 1_750 },
  { label: 'Loan repayments', amount: 0 },
];
const BANDS: GaugeBand[] = [
  { label: 'low', below: 0.1, tone: 'low' },
  { label: 'fair', below: 0.2, tone: 'fair' },
  { label: 'healthy', below: 0.4, tone: 'good' },
];
const frame = { id: 'chart', title: 'A title', description: 'A description.' };

describe('Donut', () => {
  const donut = (slices: typeof EXPENSES) => (
    <Donut id="donut" title="Where it goes" slices={slices} totalLabel="a month" format={rupees} />
  );

  test('is drawn as it was', () => expectGolden('donut', donut(EXPENSES)));

  test('gathers the smallest slices, so that the colours can be told apart', () => {
    const svg = String(donut(EXPENSES));
    expect(svg).toContain('2 smaller');
    expect(svg).not.toContain('Loan repayments');
    expect(svg.match(/<path/g)?.length).toBe(7);
  });

  test('is a plain ring when there is nothing to share out', () => {
    const svg = String(donut([{ label: 'Rent', amount: 0 }]));
    expectDrawable(svg);
    expect(svg).toContain('class="track"');
  });
});

describe('Bars', () => {
  const bars = EXPENSES.map(({ label, amount }) => ({ label, value: amount, text: rupees.money(amount) }));

  test('is drawn as it was', () => expectGolden('bars', <Bars {...frame} bars={bars} />));

  test('with whiskers is drawn as it was', () => {
    const spread = [
      { label: 'Monthly income', value: 4_200, text: '4,200', spread: 60 },
      { label: 'A feature with a very long name', value: 310, text: '310', spread: 25 },
      { label: 'Age', value: -4, text: '−4', spread: 6 },
    ];
    expectGolden('bars-whiskers', <Bars {...frame} bars={spread} />);
  });

  test('holds when every bar is zero', () => {
    expectDrawable(<Bars {...frame} bars={[{ label: 'a', value: 0, text: '0' }]} />);
  });
});

describe('Columns', () => {
  const columns = (left: number) => [
    { label: 'Income', value: 50_000, text: rupees.money(50_000), tone: 'plain' as const },
    { label: 'Expenses', value: 50_000 - left, text: rupees.money(50_000 - left), tone: 'spent' as const },
    { label: 'Left over', value: left, text: rupees.money(left), tone: 'left' as const },
    { label: 'Predicted', value: 6_250, text: rupees.money(6_250), tone: 'saved' as const },
  ];

  test('is drawn as it was', () => expectGolden('columns', <Columns {...frame} columns={columns(15_500)} />));

  test('puts what is negative below the line', () => {
    expectGolden('columns-negative', <Columns {...frame} columns={columns(-12_000)} />);
  });
});

describe('Waterfall', () => {
  const steps = EXPENSES.map(({ label, amount }) => ({
    label,
    change: -amount,
    text: rupees.money(-amount),
  }));
  const start = { label: 'Income', value: 50_000, text: rupees.money(50_000) };

  test('is drawn as it was', () => {
    const end = { label: 'Left over', value: 18_250, text: rupees.money(18_250) };
    expectGolden('waterfall', <Waterfall {...frame} start={start} steps={steps} end={end} />);
  });

  test('crosses zero when more is spent than comes in', () => {
    const poor = { ...start, value: 20_000, text: rupees.money(20_000) };
    const end = { label: 'Left over', value: -11_750, text: rupees.money(-11_750) };
    const chart = <Waterfall {...frame} start={poor} steps={steps} end={end} />;
    expectGolden('waterfall-short', chart);
    expectDrawable(chart);
  });
});

describe('Gauge', () => {
  const gauge = (rate: number, predicted?: number) => (
    <Gauge
      id="gauge"
      title="Savings rate"
      rate={rate}
      predicted={predicted === undefined ? undefined : { name: 'Predicted savings', rate: predicted }}
      bands={BANDS}
      mark={{ at: 0.2, label: 'often advised' }}
      caption="of income"
      format={rupees}
    />
  );

  test('is drawn as it was', () => expectGolden('gauge', gauge(0.31, 0.125)));

  test('marks no prediction where there is none, and holds below nothing', () => {
    expect(String(gauge(-0.4))).not.toContain('class="ring"');
    expectDrawable(gauge(-0.4));
    expect(String(gauge(-0.4))).toContain('-40.0%');
  });

  test('keeps the needle on the scale and the number true', () => {
    const needle = (rate: number) => /class="needle" d="([^"]+)"/.exec(String(gauge(rate)))?.[1];
    expect(needle(0.9)).toBe(needle(0.4));
    expect(String(gauge(0.9))).toContain('90.0%');
  });
});

describe('Projection', () => {
  const projection = (left: number, predicted?: { amount: number; low: number; high: number }) => (
    <Projection
      id="p"
      title="Twelve months"
      left={left}
      predicted={predicted && { name: 'predicted savings', ...predicted }}
      months={12}
      format={rupees}
    />
  );

  test('is drawn as it was', () =>
    expectGolden('projection', projection(15_500, { amount: 6_250, low: 5_100, high: 7_400 })));
  test('shows a shortfall as debt that grows', () => expectGolden('projection-debt', projection(-12_000)));
  test('holds when nothing is left over', () => {
    expectDrawable(projection(0, { amount: 0, low: 0, high: 0 }));
  });
});

describe('Contributions', () => {
  const chart = (changes: number[]) => (
    <Contributions
      {...frame}
      start={{ label: 'The average rate, at this income', text: '₹5,400' }}
      contributions={changes.map((change, i) => ({
        label: i === 2 ? 'Cannot exceed what is left' : `Contribution ${i}`,
        change,
        text: rupees.change(change),
        limit: i === 2,
      }))}
      end={{ label: 'This household', text: '₹6,250' }}
    />
  );

  test('is drawn as it was', () => expectGolden('contributions', chart([1_400, -350, -200])));
  test('holds when nothing moves the amount', () => expectDrawable(chart([0, 0, 0])));
});

describe('Sweep', () => {
  const points = Array.from({ length: 21 }, (_, i) => ({
    value: i * 1_500,
    amount: Math.min(6_250, 30_000 - i * 1_500),
  }));

  test('is drawn as it was', () => {
    const now = { value: 10_000, amount: 6_250 };
    expectGolden(
      'sweep',
      <Sweep {...frame} points={points} now={now} least={0} most={7_000} write={rupees.compact} />,
    );
  });

  test('holds when nothing can be saved at any point', () => {
    const now = { value: 0, amount: 0 };
    expectDrawable(
      <Sweep {...frame} points={[now, now]} now={now} least={0} most={0} write={rupees.compact} />,
    );
  });
});

describe('Interval', () => {
  const interval = (low: number, amount: number, high: number) => (
    <Interval {...frame} low={low} amount={amount} high={high} format={rupees} />
  );

  test('is drawn as it was', () => expectGolden('interval', interval(5_100, 6_250, 7_400)));
  test('a wide one is drawn as it was', () => expectGolden('interval-wide', interval(0, 6_250, 12_500)));
  test('holds when nothing can be saved', () => expectDrawable(interval(0, 0, 0)));
});
