import { once } from 'node:events';
import { connect } from 'node:net';

/** What came back for a CSV: whether to its end, and how many lines. */
export interface Uploaded {
  whole: boolean;
  lines: number;
}

/** Posts a CSV to /batch and reads nothing of the response before all of it is sent, as many HTTP libraries do. */
export async function uploadFirst(url: string, header: string, blocks: readonly string[]): Promise<Uploaded> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.pause();
  const bytes = [header, ...blocks].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  socket.write(
    `POST /batch HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: text/csv\r\nContent-Length: ${bytes}\r\n\r\n`,
  );
  for (const text of [header, ...blocks]) {
    if (!socket.write(text)) await once(socket, 'drain');
  }
  // Rows hold no CR, so every CRLF is the chunked encoding's, and every other LF ends a row.
  let [lines, tail, before] = [0, '', ''];
  socket.on('data', (data) => {
    const text = before + data.toString('latin1');
    for (let at = text.indexOf('\n', 1); at >= 0; at = text.indexOf('\n', at + 1)) {
      if (text[at - 1] !== '\r') lines++;
    }
    before = text.slice(-1);
    tail = (tail + text.slice(1)).slice(-7);
  });
  socket.resume();
  await once(socket, 'close');
  return { whole: tail === '\r\n0\r\n\r\n', lines };
}
