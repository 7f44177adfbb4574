/** Every address of the machine, of IPv6 and of IPv4. */
export const EVERY_ADDRESS = '::';

/** The same where there is no IPv6. */
export const EVERY_IPV4_ADDRESS = '0.0.0.0';

/** Whether it is one IP address in full; a name is none, since it may stand for several. */
export function isAddress(text: string): boolean {
  if (/^\d+(\.\d+){3}$/.test(text)) return URL.parse(`http://${text}`)?.hostname === text;
  return /^[\da-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]`);
}

/** Reads LISTEN_ADDRESS as config.ts does, for whoever cannot wait until that is loaded; undefined when it is none. */
export function plainAddress(text: string | undefined): string | undefined {
  const given = text?.trim() || EVERY_ADDRESS;
  return isAddress(given) ? given : undefined;
}

/** Where a browser on this machine finds what listens on an address. */
export function localUrl(address: string, port: number): string {
  if (address === EVERY_ADDRESS || address === EVERY_IPV4_ADDRESS) return `http://localhost:${port}`;
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
}
