/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';

export interface GroupProps {
  name: string;
  /** What its expenses come to. */
  subtotal: string | undefined;
  children: Child;
}

/** Inputs that belong together. It can be folded; public/app.js does so where the screen is narrow. */
export function Group({ name, subtotal, children }: GroupProps) {
  return (
    <details class="group" open>
      <summary>
        <span>{name}</span> {subtotal && <span class="subtotal">{subtotal}</span>}
      </summary>
      <fieldset>
        <legend class="visually-hidden">{name}</legend>
        {children}
      </fieldset>
    </details>
  );
}
