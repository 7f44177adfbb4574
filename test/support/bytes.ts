/** Text, or bytes, as a source of bytes, in pieces of so many bytes. */
export async function* bytesOf(
  content: string | Uint8Array,
  pieceBytes = 65_536,
): AsyncGenerator<Uint8Array> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}
