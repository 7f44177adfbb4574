/** Preloaded into a process, it sets its clock wrong by SKEW_MS. */
const skewMs = Number(process.env.SKEW_MS);
const Real = Date;

class SkewedDate extends Real {
  constructor(...given: unknown[]) {
    super(...((given.length === 0 ? [SkewedDate.now()] : given) as [number]));
  }

  static override now(): number {
    return Real.now() + skewMs;
  }
}
globalThis.Date = SkewedDate as DateConstructor;
