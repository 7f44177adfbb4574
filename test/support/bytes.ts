/** Text as a source of bytes, in pieces of so many bytes. */
export async function* bytesOf(text: string, pieceBytes = 65_536): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}
