import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Cluster } from '../../../tools/cluster/cluster.ts';
import { type S3Server, s3Server } from '../../support/s3-server.ts';

/** The bucket of the cluster, looked at and filled from outside. */
export class Bucket {
  readonly name: string;
  readonly #s3: S3Server;

  static async of(cluster: Cluster): Promise<Bucket> {
    return new Bucket(cluster.s3.bucket, await s3Server());
  }

  private constructor(name: string, s3: S3Server) {
    this.name = name;
    this.#s3 = s3;
  }

  async put(key: string, content: Uint8Array | string): Promise<void> {
    await this.#s3.client.send(new PutObjectCommand({ Bucket: this.name, Key: key, Body: content }));
  }

  async get(key: string): Promise<Buffer> {
    const { Body } = await this.#s3.client.send(new GetObjectCommand({ Bucket: this.name, Key: key }));
    return Buffer.from(await Body!.transformToByteArray());
  }

  /** What lies below a prefix, without it, in order. */
  async names(prefix: string): Promise<string[]> {
    return [...(await this.times(prefix)).keys()];
  }

  /** When each of them was written, in milliseconds since the epoch. */
  async times(prefix: string): Promise<Map<string, number>> {
    const { Contents = [] } = await this.#s3.client.send(
      new ListObjectsV2Command({ Bucket: this.name, Prefix: prefix }),
    );
    return new Map(
      Contents.map(({ Key, LastModified }) => [Key!.slice(prefix.length), LastModified!.getTime()]),
    );
  }
}
