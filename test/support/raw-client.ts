import { connect, type Socket } from 'node:net';

/** A connection on which a test writes each byte itself, and reads what comes back as Latin-1. */
export class RawClient {
  text = '';
  readonly socket: Socket;
  /** Resolves when the connection is closed on both sides. */
  readonly closed: Promise<void>;

  constructor(url: string) {
    // The half that the other side may have closed says nothing of ours.
    this.socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
    this.socket.on('data', (data) => {
      this.text += data.toString('latin1');
    });
    this.socket.on('end', () => this.socket.end());
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => this.socket.on('close', () => resolve()));
  }

  /** Resolves when the kernel has it. */
  async send(text: string): Promise<void> {
    await new Promise<void>((resolve) => this.socket.write(text, () => resolve()));
  }

  /** Resolves with what came back, when the server has hung up. */
  async response(): Promise<string> {
    await this.closed;
    return this.text;
  }
}

/** One piece of a chunked body. */
export const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
