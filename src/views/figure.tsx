/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';

export interface Table {
  head: readonly string[];
  rows: readonly (readonly string[])[];
}

export interface FigureProps {
  title: string;
  /** How to read it, or what to take from it. */
  note?: Child;
  /** The numbers that the chart shows; every column but the first holds numbers. */
  table: Table;
  /** One level below the heading around it: h3 inside a panel. */
  heading?: 'h2' | 'h3';
  /** Left out on paper, where another figure says the same. */
  screenOnly?: boolean;
  children: Child;
}

/** A chart with its name, a sentence about it, and its numbers as a table for whoever wants or needs those. */
export function Figure({ title, note, table, heading: Heading = 'h3', screenOnly, children }: FigureProps) {
  return (
    <figure class={screenOnly ? 'card figure screen-only' : 'card figure'}>
      <figcaption>
        <Heading>{title}</Heading>
        {note !== undefined && <p class="note">{note}</p>}
      </figcaption>
      {children}
      <details class="numbers">
        <summary>
          Numbers<span class="visually-hidden"> of: {title}</span>
        </summary>
        <DataTable caption={title} table={table} />
      </details>
    </figure>
  );
}

/** The first cell of each row names it. What is too wide for a phone scrolls by itself, by keyboard too. */
export function DataTable({ caption, table: { head, rows } }: { caption: string; table: Table }) {
  return (
    <section class="table" aria-label={caption} tabindex={0}>
      <table>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {head.map((name) => (
              <th scope="col">{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, ...cells]) => (
            <tr>
              <th scope="row">{name}</th>
              {cells.map((cell) => (
                <td>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
