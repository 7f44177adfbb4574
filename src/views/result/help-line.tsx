/** @jsxImportSource hono/jsx */

/** Where a deployment says that a household in need can turn: its own words, and an address to go with them. */
export interface Help {
  text: string;
  /** An https address. */
  link: string | undefined;
}

export function HelpLine({ text, link }: Help) {
  return (
    <>
      {text}
      {link !== undefined && (
        <>
          {' '}
          <a href={link} rel="noreferrer">
            {new URL(link).host}
          </a>
        </>
      )}
    </>
  );
}
