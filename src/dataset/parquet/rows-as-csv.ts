import { quotedCell } from '../csv-cell.ts';
import { type Cells, cellsOf, type Stored } from './cells.ts';
import { type Page, readPages } from './pages.ts';
import { decoding, unsupported } from './parquet-error.ts';
import type { ParquetColumn, ParquetFile, RowGroup } from './parquet-file.ts';
import { holding, type RandomAccess } from './random-access.ts';

const ROWS_PER_PIECE = 1024;

/**
 * The rows of a Parquet file as the CSV that holds the same: a null is a blank cell, a number reads back as itself, a
 * decimal keeps its digits, moments are written by ISO 8601, bytes in hexadecimal. So whatever reads a CSV reads them.
 * Of a row group its columns are in memory as they are stored, with one page of each unpacked.
 *
 * @returns the bytes of a CSV, in pieces
 * @throws AppError `invalid` when a column is a list, a map or a struct; as `readPages`; whatever the source throws
 */
export async function* rowsAsCsv(file: ParquetFile): AsyncGenerator<Uint8Array, void, void> {
  const nested = file.columns.filter(({ isFlat }) => !isFlat).map(({ name }) => name);
  if (nested.length > 0)
    throw unsupported(
      file.name,
      `column ${nested.join(', ')} is a list, a map or a struct`,
      'Write it without.',
    );
  const encoder = new TextEncoder();
  yield encoder.encode(`${file.columns.map(({ name }) => quotedCell(name)).join(',')}\n`);
  for (const group of file.rowGroups) {
    const source = await holding(file.source, group);
    const columns = file.columns.map((column) => new TextColumn(file.name, source, column, group));
    for (let row = 0; row < group.rows; row += ROWS_PER_PIECE) {
      const count = Math.min(ROWS_PER_PIECE, group.rows - row);
      const lines = Array<string>(count).fill('');
      for (const [i, column] of columns.entries()) {
        const cells = await column.take(count);
        for (let r = 0; r < count; r++) lines[r] += i === 0 ? cells[r] : `,${cells[r]}`;
      }
      yield encoder.encode(`${lines.join('\n')}\n`);
    }
  }
}

/** One column of a row group as cells of a CSV, however its pages are cut. */
class TextColumn {
  readonly #file: string;
  readonly #name: string;
  readonly #cells: Cells;
  readonly #pages: AsyncGenerator<Page, void, void>;
  #page: Page | undefined;
  #row = 0;
  #value = 0;
  /** The dictionary's values as cells, made once. */
  #texts: { of: unknown; cells: string[] } | undefined;

  constructor(file: string, source: RandomAccess, column: ParquetColumn, group: RowGroup) {
    this.#file = file;
    this.#name = column.name;
    this.#cells = cellsOf(column.element);
    this.#pages = readPages(file, source, column, group);
  }

  async take(count: number): Promise<string[]> {
    const taken: string[] = [];
    while (taken.length < count) {
      if (this.#page === undefined || this.#row === this.#page.rows) {
        const next = await this.#pages.next();
        this.#page = next.value as Page;
        this.#row = 0;
        this.#value = 0;
      }
      const page = this.#page;
      decoding(this.#file, `column ${this.#name}`, () => this.#takeFrom(page, count, taken));
    }
    return taken;
  }

  #takeFrom({ present, values, dictionary, rows }: Page, count: number, taken: string[]): void {
    const stored = values as ArrayLike<Stored>;
    const cell = (value: Stored) => quotedCell(this.#cells.text(value));
    if (dictionary !== undefined && this.#texts?.of !== dictionary)
      this.#texts = { of: dictionary, cells: Array.from(dictionary as ArrayLike<Stored>, cell) };
    const texts = dictionary && this.#texts?.cells;
    for (; this.#row < rows && taken.length < count; this.#row++) {
      if (present !== undefined && present[this.#row] === 0) {
        taken.push('');
        continue;
      }
      const value = stored[this.#value++];
      taken.push(texts === undefined ? cell(value) : texts[value as number]);
    }
  }
}
