import { connect, type Socket } from 'node:net';
import { HOUSEHOLD } from './household.ts';

const BODY = JSON.stringify({ inputs: HOUSEHOLD });

/** A visitor without mercy: any request that gets no whole answer with status 200 counts, and none is tried again. */
export class Visitor {
  /** How many, by the version of the model that answered. */
  readonly answers = new Map<string, number>();
  readonly failures: string[] = [];
  stopped = false;
  readonly #address: { host: string; port: number };
  readonly #keepsConnection: boolean;
  readonly #pauseMs: number;
  #socket: Socket | undefined;

  /**
   * @param keepsConnection as browsers do, rather than take a new one for each request
   * @param pauseMs between an answer and the next request
   */
  constructor(address: { host: string; port: number }, keepsConnection: boolean, pauseMs = 1) {
    this.#address = address;
    this.#pauseMs = pauseMs;
    this.#keepsConnection = keepsConnection;
  }

  async run(): Promise<void> {
    while (!this.stopped) {
      try {
        const answer = await this.#ask();
        const version = /"version":"([^"]+)"/.exec(answer)?.[1] ?? 'none';
        this.answers.set(version, (this.answers.get(version) ?? 0) + 1);
        if (!answer.startsWith('HTTP/1.1 200')) this.failures.push(answer.slice(0, 40));
      } catch (error) {
        this.failures.push((error as Error).message);
        await Bun.sleep(5);
      }
      await Bun.sleep(this.#pauseMs);
    }
    this.#socket?.destroy();
  }

  /** Written on a socket by hand: an HTTP client would try again by itself. */
  async #ask(): Promise<string> {
    const reused = this.#socket !== undefined;
    const socket = this.#socket ?? connect(this.#address);
    this.#socket = undefined;
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const fail = (why: string) => {
        socket.destroy();
        reject(new Error(`${reused ? 'kept' : 'new'} connection: ${why}, ${text.length} bytes of an answer`));
      };
      socket.setTimeout(10_000, () => fail('no answer in 10 s'));
      socket.on('error', ({ message }) => fail(message));
      socket.on('close', () => fail('closed'));
      socket.on('data', (bytes) => {
        text += bytes;
        const head = text.indexOf('\r\n\r\n');
        const length = Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? Number.NaN);
        // The body is ASCII, so that its characters are its bytes.
        if (head >= 0 && text.length >= head + 4 + length) resolve(text);
      });
      socket.write(
        `POST /api/v1/predict HTTP/1.1\r\nHost: savings\r\nContent-Type: application/json\r\n` +
          `Content-Length: ${BODY.length}\r\n${this.#keepsConnection ? '' : 'Connection: close\r\n'}\r\n${BODY}`,
      );
    });
    socket.removeAllListeners();
    socket.on('error', () => {});
    if (this.#keepsConnection && !/^connection: close/im.test(answer)) this.#socket = socket;
    else socket.destroy();
    return answer;
  }
}
