import { FixedBytes } from './fixed-bytes.ts';

const [COMMA, LF] = [44, 10];

/** In place of a prediction. */
export const NONE = -1;

/** Amounts of a prediction. */
const AMOUNTS = 3;

/** The lines of a result, before their predictions are known. */
export class Lines {
  #count = 0;
  /** Where each line's text begins and ends in the chunk; one that is not there has NONE, and which of `#texts` it is. */
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  /** Which prediction goes behind each; NONE for none. */
  readonly #prediction: Int32Array;
  readonly #texts: Uint8Array[] = [];
  #textBytes = 0;

  /** @param most lines */
  constructor(most: number) {
    this.#from = new Int32Array(most);
    this.#to = new Int32Array(most);
    this.#prediction = new Int32Array(most);
  }

  /** A line whose text stands in the chunk. */
  add(from: number, to: number, prediction: number): void {
    const line = this.#count++;
    this.#from[line] = from;
    this.#to[line] = to;
    this.#prediction[line] = prediction;
  }

  /** A line of its own; one without a prediction is whole. */
  addText(text: string, prediction: number): void {
    const bytes = utf8.encode(text);
    this.#textBytes += bytes.length;
    this.add(NONE, this.#texts.push(bytes) - 1, prediction);
  }

  /**
   * @param predictions `[predictions, 3]`
   * @param blanks cells that follow them
   */
  write(
    chunk: Uint8Array,
    predictions: Float64Array,
    amounts: FixedBytes,
    blanks: number,
  ): Uint8Array<ArrayBuffer> {
    const added = AMOUNTS * (FixedBytes.LONGEST + 1) + blanks + 1;
    const csv = new Uint8Array(chunk.length + this.#textBytes + this.#count * added);
    let at = 0;
    for (let line = 0; line < this.#count; line++) {
      const from = this.#from[line];
      const to = this.#to[line];
      const text = from === NONE ? this.#texts[to] : chunk.subarray(from, to);
      csv.set(text, at);
      at += text.length;
      const prediction = this.#prediction[line];
      if (prediction !== NONE) {
        for (let i = AMOUNTS * prediction; i < AMOUNTS * (prediction + 1); i++) {
          csv[at++] = COMMA;
          at = amounts.write(predictions[i], csv, at);
        }
        for (let i = 0; i < blanks; i++) csv[at++] = COMMA;
      }
      csv[at++] = LF;
    }
    return csv.slice(0, at);
  }
}

const utf8 = new TextEncoder();
