/** Of a kubelet: the first restart is at once, then they wait 10 s, 20 s, 40 s, ... after the end. */
const FIRST_S = 10;
const MOST_S = 300;
/** After so long a run all is forgotten. */
const FORGET_MS = 2 * MOST_S * 1_000;

/** How long a container that ends again and again waits before it is started again. */
export class BackOff {
  #restarts = 0;

  /** @param ranMs how long the run was that has ended @returns seconds to wait */
  next(ranMs: number): number {
    if (ranMs > FORGET_MS) this.#restarts = 0;
    const restart = this.#restarts++;
    return restart === 0 ? 0 : Math.min(FIRST_S * 2 ** (restart - 1), MOST_S);
  }
}
