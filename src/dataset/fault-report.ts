import { counted } from '../model/counted.ts';
import type { Place } from './joined-csv.ts';
import { describeFault, type RowFault } from './row-reader.ts';

const SHOWN = 20;

/** Gathers faults of rows: the first in full, the others as a count, so that a bad file stays readable. */
export class FaultReport {
  readonly #shown: RowFault[] = [];
  readonly #locate: ((line: number) => Place) | undefined;
  #count = 0;

  /** @param locate of rows of several files: which one a line is from */
  constructor(locate?: (line: number) => Place) {
    this.#locate = locate;
  }

  get count(): number {
    return this.#count;
  }

  /** The count with its noun, such as `1 bad row`. */
  get badRows(): string {
    return counted(this.#count, 'bad row');
  }

  /** What a person is told who gets predictions without them. */
  get leftOut(): string {
    return `${this.badRows} ${this.#count === 1 ? 'was' : 'were'} left out`;
  }

  add(fault: RowFault): void {
    this.#count++;
    if (this.#shown.length < SHOWN) this.#shown.push(fault);
  }

  /** One line a fault, and one for those that are only counted. */
  toString(): string {
    const lines = this.#shown.map((fault) => describeFault(this.#located(fault)));
    const rest = this.#count - this.#shown.length;
    if (rest > 0) lines.push(`and ${rest} more`);
    return lines.join('\n');
  }

  #located(fault: RowFault): RowFault {
    if (this.#locate === undefined) return fault;
    const { name, line } = this.#locate(fault.line);
    return { ...fault, line, message: `of ${name}: ${fault.message}` };
  }
}
