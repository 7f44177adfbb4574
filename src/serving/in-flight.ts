/** What is going on right now: whether new work is welcome, and when the last of it ended. */
export class Activity {
  /** True from SIGTERM on: `/readyz` says no, connections are not kept alive. */
  stopping = false;
  /** CSVs that are being scored. */
  batches = 0;
  #inFlight = 0;
  #lastAt = performance.now();

  began(): void {
    this.#inFlight++;
  }

  ended(): void {
    this.#inFlight--;
    this.#lastAt = performance.now();
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** How long nothing has been in flight, in milliseconds. */
  get quietMs(): number {
    return this.#inFlight > 0 ? 0 : performance.now() - this.#lastAt;
  }
}
