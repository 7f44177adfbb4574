import type { Metric, Registry } from 'prom-client';

export type Labels<L extends string> = Readonly<Record<L, string>>;

interface Sample {
  metricName?: string;
  labels: Record<string, string | number>;
  value: number;
}

/**
 * A metric whose series are held by whoever adds to them. prom-client writes them out, but its own counters and
 * histograms join all label values into a key at every call, which costs more than predicting does for a few of
 * them; here a child is looked up once and then held.
 */
abstract class LabelledMetric<L extends string, C> {
  /** What prom-client's registry asks of a metric: `name`, `help`, `type` and `get`. */
  readonly name: string;
  readonly help: string;
  abstract readonly type: 'counter' | 'histogram';
  readonly #labelNames: readonly L[];
  readonly #children = new Map<string, { labels: Labels<L>; child: C }>();

  constructor(registry: Registry, name: string, help: string, labelNames: readonly L[]) {
    this.name = name;
    this.help = help;
    this.#labelNames = labelNames;
    registry.registerMetric(this as unknown as Metric);
  }

  /** The series with these labels; a new one begins at 0. */
  child(labels: Labels<L>): C {
    const key = this.#labelNames.map((name) => labels[name]).join('\n');
    let held = this.#children.get(key);
    if (held === undefined) {
      held = { labels, child: this.newChild() };
      this.#children.set(key, held);
    }
    return held.child;
  }

  /** Ends every series that has these label values. Whoever still holds one of its children adds to nothing. */
  forget(labels: Partial<Labels<L>>): void {
    const wanted = Object.entries(labels) as [L, string][];
    for (const [key, held] of this.#children) {
      if (wanted.every(([name, value]) => held.labels[name] === value)) this.#children.delete(key);
    }
  }

  get(): { name: string; help: string; type: string; aggregator: 'sum'; values: Sample[] } {
    const values = [...this.#children.values()].flatMap(({ labels, child }) => this.samples(labels, child));
    return { name: this.name, help: this.help, type: this.type, aggregator: 'sum', values };
  }

  protected abstract newChild(): C;
  protected abstract samples(labels: Labels<L>, child: C): Sample[];
}

/** One counted series. */
export interface Count {
  value: number;
}

export class LabelledCounter<L extends string> extends LabelledMetric<L, Count> {
  readonly type = 'counter';

  protected newChild(): Count {
    return { value: 0 };
  }

  protected samples(labels: Labels<L>, count: Count): Sample[] {
    return [{ labels, value: count.value }];
  }
}

/** One series of a histogram. */
export class Distribution {
  readonly #bounds: Float64Array;
  /** Observations in each bucket alone, `[bounds + 1]`: the last is beyond every bound. */
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: Float64Array) {
    this.#bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) bucket++;
    this.counts[bucket]++;
    this.sum += value;
  }
}

export class LabelledHistogram<L extends string> extends LabelledMetric<L, Distribution> {
  readonly type = 'histogram';
  readonly #bounds: Float64Array;

  /** @param bounds upper ends of the buckets, each included in its bucket, rising */
  constructor(
    registry: Registry,
    name: string,
    help: string,
    labelNames: readonly L[],
    bounds: readonly number[],
  ) {
    super(registry, name, help, labelNames);
    this.#bounds = Float64Array.from(bounds);
  }

  protected newChild(): Distribution {
    return new Distribution(this.#bounds);
  }

  protected samples(labels: Labels<L>, { counts, sum }: Distribution): Sample[] {
    let count = 0;
    const buckets = [...this.#bounds, '+Inf'].map((le, i) => {
      count += counts[i];
      return { metricName: `${this.name}_bucket`, labels: { le, ...labels }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${this.name}_sum`, labels, value: sum },
      { metricName: `${this.name}_count`, labels, value: count },
    ];
  }
}
