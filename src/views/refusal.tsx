/** @jsxImportSource hono/jsx */

/** Stands where a page would be that can't be shown. */
export function Refusal({ title, detail }: { title: string; detail: string }) {
  return (
    <section class="card waiting">
      <h1>{title}</h1>
      <p>{detail}</p>
      <p>
        <a href="/">Back to your figures</a>
      </p>
    </section>
  );
}
