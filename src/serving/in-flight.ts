/** What there is only so much of at once: requests, CSVs, and disk for the bodies of CSVs. */
export type Limited = 'requests' | 'batches' | 'disk';

/** What is going on right now: whether new work is welcome, and when the last of it ended. */
export class InFlight {
  /** True from SIGTERM on: `/readyz` says no, connections are not kept alive. */
  stopping = false;
  /** CSVs that are being predicted. */
  batches = 0;
  /** Requests that were refused with 503 because too much was under way, by what there was too much of. */
  readonly refused: Record<Limited, number> = { requests: 0, batches: 0, disk: 0 };
  #count = 0;
  #lastAt = performance.now();

  began(): void {
    this.#count++;
  }

  ended(): void {
    this.#count--;
    this.#lastAt = performance.now();
  }

  get count(): number {
    return this.#count;
  }

  /** How long nothing has been in flight, in milliseconds. */
  get quietMs(): number {
    return this.#count > 0 ? 0 : performance.now() - this.#lastAt;
  }
}
