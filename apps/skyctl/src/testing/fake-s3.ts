/**
 * What S3 does, as far as backups use it: objects in one bucket, lists in pages, and the bad days: requests that are answered with 503 SlowDown,
 * connections that end before the answer. It demands a signature (of version 4, by the key that it knows) and does not work it out.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const PAGE = 2;

export class FakeS3 {
  readonly objects = new Map<string, Buffer>();
  /** Of the requests from now on: how each is treated, then all are answered. */
  readonly badDays: ('slow-down' | 'cut')[] = [];
  requests = 0;
  private readonly server: Server;

  private constructor(
    readonly bucket: string,
    readonly accessKey: string,
  ) {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  static async start(bucket: string, accessKey: string): Promise<FakeS3> {
    const fake = new FakeS3(bucket, accessKey);
    await new Promise<void>((resolve) => fake.server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    this.requests++;
    const bad = this.badDays.shift();
    if (bad === 'cut') return void request.socket.destroy();
    if (bad === 'slow-down') {
      refuse(response, 503, 'SlowDown', 'Please reduce your request rate.');
      return;
    }
    const credential = `AWS4-HMAC-SHA256 Credential=${this.accessKey}/`;
    if (request.headers.authorization?.startsWith(credential) !== true) {
      refuse(response, 403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.');
      return;
    }
    const url = new URL(request.url ?? '/', this.url);
    const [, bucket, ...rest] = decodeURIComponent(url.pathname).split('/');
    if (bucket !== this.bucket) {
      refuse(response, 404, 'NoSuchBucket', 'The specified bucket does not exist');
      return;
    }
    const key = rest.join('/');
    if (key === '') {
      this.list(url.searchParams, response);
      return;
    }
    if (request.method === 'PUT') {
      this.objects.set(key, bodyOf(request, Buffer.concat(chunks)));
      return void response.writeHead(200, { etag: '"x"' }).end();
    }
    const object = this.objects.get(key);
    if (object === undefined) {
      refuse(response, 404, 'NoSuchKey', 'The specified key does not exist.');
      return;
    }
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(object);
  }

  private list(query: URLSearchParams, response: ServerResponse): void {
    const after = query.get('continuation-token') ?? '';
    const keys = [...this.objects.keys()]
      .filter((key) => key.startsWith(query.get('prefix') ?? '') && key > after)
      .sort();
    const page = keys.slice(0, PAGE);
    const more = keys.length > PAGE;
    const contents = page.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
    const token = more ? `<NextContinuationToken>${page.at(-1) ?? ''}</NextContinuationToken>` : '';
    response
      .writeHead(200, { 'content-type': 'application/xml' })
      .end(`<ListBucketResult><IsTruncated>${more}</IsTruncated>${token}${contents}</ListBucketResult>`);
  }
}

/** Bodies may come in chunks with a signature or a checksum behind them (`aws-chunked`). */
function bodyOf(request: IncomingMessage, body: Buffer): Buffer {
  if (!(request.headers['content-encoding'] ?? '').includes('aws-chunked')) return body;
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const end = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.subarray(at, end).toString(), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
}
