/** @jsxImportSource hono/jsx */
/** Stands in for the page until a model is live. */
export function Waiting({ failed }: { failed: boolean }) {
  return (
    <section id="household" class="card waiting" aria-live="polite">
      <h1>Almost ready</h1>
      <p>
        {failed
          ? 'The model could not be loaded yet. It is tried again every few seconds, and this page with it.'
          : 'The model is being loaded. This page shows it as soon as it is there.'}
      </p>
    </section>
  );
}
