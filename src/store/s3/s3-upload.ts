import { AppError } from '../../errors.ts';
import type { S3Connection, S3Session } from './s3-connection.ts';
import { etagOf, sentByS3 } from './s3-response.ts';

/** All parts of an upload but the last must have 5 MiB. */
const PART_BYTES = 8 << 20;
/** The most that S3 takes. */
const MAX_PARTS = 10_000;

/**
 * Writes an object as its bytes come: in one request when they are few, and else in parts, of which one is filled
 * while the one before goes up. The object appears when the last part is there.
 *
 * An upload whose process is killed leaves parts that nobody sees and that are paid for, until a rule of the bucket
 * for incomplete uploads removes them.
 * @throws AppError; what `pieces` throws, with the upload given up
 */
export async function putStreamed(
  connection: S3Connection,
  key: string,
  pieces: AsyncIterable<Uint8Array>,
): Promise<void> {
  const parts = partsOf(pieces);
  const first = await parts.next();
  const second = first.done ? first : await parts.next();
  const upload = new Upload(connection, key);
  if (second.done) return await upload.putWhole(first.value ?? new Uint8Array());
  await upload.begin();
  try {
    let sent = upload.putPart(first.value as Uint8Array);
    // Thrown when it is awaited; another failure may come first.
    sent.catch(() => {});
    for (let part: IteratorResult<Uint8Array, void> = second; !part.done; part = await parts.next()) {
      await sent;
      sent = upload.putPart(part.value);
      sent.catch(() => {});
    }
    await sent;
    await upload.complete();
  } catch (error) {
    await parts.return();
    // What stays is seen by nobody, and the first error says more.
    await upload.abort().catch(() => {});
    throw error;
  }
}

class Upload {
  readonly #connection: S3Connection;
  readonly #address: { Bucket: string; Key: string };
  readonly #parts: { PartNumber: number; ETag: string }[] = [];
  #id = '';
  #bytes = 0;

  constructor(connection: S3Connection, key: string) {
    this.#connection = connection;
    this.#address = { Bucket: connection.bucket, Key: key };
  }

  async putWhole(Body: Uint8Array): Promise<void> {
    const input = { ...this.#address, Body, ContentLength: Body.length };
    await this.#connection.operation(this.#action, ({ sdk, client, abortSignal, attempt }) =>
      attempt(async () =>
        etagOf(await client.send(new sdk.PutObjectCommand(input), this.#bounds(abortSignal)), this.#action),
      ),
    );
  }

  async begin(): Promise<void> {
    this.#id = await this.#connection.operation(this.#action, ({ sdk, client, abortSignal, attempt }) =>
      attempt(async () => {
        const begun = await client.send(new sdk.CreateMultipartUploadCommand(this.#address), { abortSignal });
        return sentByS3(begun.UploadId, this.#action);
      }),
    );
  }

  async putPart(Body: Uint8Array): Promise<void> {
    const PartNumber = this.#parts.length + 1;
    if (PartNumber > MAX_PARTS)
      throw new AppError(
        'too_large',
        `Cannot ${this.#action.what}: it is larger than ${MAX_PARTS * PART_BYTES} bytes; use more shards.`,
      );
    const part = { PartNumber, ETag: '' };
    this.#parts.push(part);
    this.#bytes += Body.length;
    const input = { ...this.#address, UploadId: this.#id, PartNumber, Body, ContentLength: Body.length };
    part.ETag = await this.#connection.operation(this.#action, ({ sdk, client, abortSignal, attempt }) =>
      attempt(async () =>
        etagOf(await client.send(new sdk.UploadPartCommand(input), this.#bounds(abortSignal)), this.#action),
      ),
    );
  }

  async complete(): Promise<void> {
    const input = { ...this.#address, UploadId: this.#id, MultipartUpload: { Parts: this.#parts } };
    let tries = 0;
    await this.#connection.operation(this.#action, async (session) => {
      const { sdk, client, abortSignal, attempt } = session;
      await attempt(async () => {
        tries++;
        try {
          const done = await client.send(
            new sdk.CompleteMultipartUploadCommand(input),
            this.#bounds(abortSignal),
          );
          etagOf(done, this.#action);
        } catch (error) {
          // The upload ends when it is completed: an earlier try was, and only its response was lost.
          const isGone = (error as Error).name === 'NoSuchUpload';
          if (!(tries > 1 && isGone && (await this.#isWritten(session)))) throw error;
        }
      });
    });
  }

  async #isWritten({ sdk, client, abortSignal }: S3Session): Promise<boolean> {
    const found = await client.send(new sdk.HeadObjectCommand(this.#address), { abortSignal });
    return found.ContentLength === this.#bytes;
  }

  async abort(): Promise<void> {
    const input = { ...this.#address, UploadId: this.#id };
    await this.#connection.operation(this.#action, ({ sdk, client, abortSignal, attempt }) =>
      attempt(() => client.send(new sdk.AbortMultipartUploadCommand(input), { abortSignal })),
    );
  }

  /** The head of the response comes after the whole body went up. */
  #bounds(abortSignal: AbortSignal) {
    return { abortSignal, requestTimeout: this.#connection.limits.operationMs };
  }

  get #action() {
    const { Bucket, Key } = this.#address;
    return this.#connection.action(`write s3://${Bucket}/${Key}`, 's3:PutObject');
  }
}

/** The same bytes, in pieces of one size but for the last. */
async function* partsOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let part = new Uint8Array(PART_BYTES);
  let length = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const taken = piece.subarray(at, at + PART_BYTES - length);
      part.set(taken, length);
      length += taken.length;
      at += taken.length;
      if (length < PART_BYTES) continue;
      yield part;
      part = new Uint8Array(PART_BYTES);
      length = 0;
    }
  }
  if (length > 0) yield part.subarray(0, length);
}
