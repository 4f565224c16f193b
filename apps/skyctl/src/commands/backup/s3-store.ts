/** Backups in a bucket of S3, or of anything that speaks its protocol. A bundle of its own: the SDK is larger than all of skyctl. */
import {
  GetObjectCommand,
  NoSuchKey,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { BackupStore } from '@skyflow/event-log';

export interface S3Place {
  bucket: string;
  /** Without slashes at its ends; empty: the whole bucket. */
  prefix: string;
  /** Absent: AWS. */
  endpoint?: string;
}

/** A store that is busy or away for a moment is asked again, with growing pauses, so often. */
const MOST_ATTEMPTS = 8;

export class S3BackupStore implements BackupStore {
  readonly place: string;
  private readonly client: S3Client;

  /** Region and credentials come from where AWS' own tools take them: environment, `~/.aws`, the machine's role. */
  constructor(private readonly at: S3Place) {
    this.place = `s3://${at.bucket}${at.prefix === '' ? '' : `/${at.prefix}`}`;
    this.client = new S3Client({
      maxAttempts: MOST_ATTEMPTS,
      // A bucket as a host name needs names that others than AWS do not have.
      ...(at.endpoint === undefined ? {} : { endpoint: at.endpoint, forcePathStyle: true }),
    });
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    try {
      const { Body } = await this.client.send(new GetObjectCommand({ Bucket: this.at.bucket, Key: this.keyOf(key) }));
      return await Body?.transformToByteArray();
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw explained(error, this.place);
    }
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    try {
      await this.client.send(new PutObjectCommand({ Bucket: this.at.bucket, Key: this.keyOf(key), Body: bytes }));
    } catch (error) {
      throw explained(error, this.place);
    }
  }

  async list(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    const own = this.keyOf('').length;
    try {
      const pages = paginateListObjectsV2(
        { client: this.client },
        { Bucket: this.at.bucket, Prefix: this.keyOf(prefix) },
      );
      for await (const { Contents = [] } of pages) for (const { Key = '' } of Contents) keys.push(Key.slice(own));
    } catch (error) {
      throw explained(error, this.place);
    }
    return keys.sort();
  }

  private keyOf(key: string): string {
    return this.at.prefix === '' ? key : `${this.at.prefix}/${key}`;
  }
}

function explained(error: unknown, place: string): Error {
  const { name, message } = error as Error;
  const status = error instanceof S3ServiceException ? ` (${error.$metadata.httpStatusCode ?? 'no'} status)` : '';
  return new Error(`${place}: ${name}: ${message}${status}`, { cause: error });
}
