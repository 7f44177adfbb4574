export const DEFAULT_PORT = 8080;

/** Reads PORT as config.ts does, for whoever cannot wait until that is loaded; undefined when it is no port. */
export function plainPort(text: string | undefined): number | undefined {
  const given = text?.trim() || String(DEFAULT_PORT);
  const port = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
  return port <= 65_535 ? port : undefined;
}
