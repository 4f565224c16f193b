/**
 * An endpoint that speaks Compute Engine's protocol (REST, v1) to the unmodified SDK, with that API's bad days: answers that are lost or late, throttling, machines that are not told of yet, operations that
 * begin and are refused, deletions that linger, zones that do not answer.
 *
 * One signs in by workload identity federation (RFC 8693): its credentials are the only ones whose file says where tokens come from. Google's
 * library takes those of service accounts from oauth2.googleapis.com, whatever `token_uri` in the file says.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { taken } from '../taken.js';
import { METHODS } from './gcp-methods.js';
import { GcpError, GcpWorld } from './gcp-world.js';

const PROJECT = 'skyflow-tests';
const ROOT = /^\/compute\/v1\/projects\/(?<project>[^/]+)(?<rest>\/.*)$/;
export class FakeGcp {
  readonly world: GcpWorld;
  /** Methods that were called, in order. */
  readonly calls: string[] = [];
  private readonly server: Server;
  private readonly token = randomUUID();
  /** Of the workload, as its own identity provider gave it. */
  private readonly subject = randomUUID();
  private readonly folder = mkdtempSync(join(tmpdir(), 'skyflow-gcp-'));
  private port = 0;

  constructor(addresses: readonly string[] = ['127.0.0.1'], onKey?: (publicKey: string) => void) {
    this.world = new GcpWorld(addresses, onKey);
    this.server = createServer((request, response) => {
      this.answer(request, response).catch(() => request.socket.destroy());
    });
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  /** By which any tool of Google signs in here; and the settings by which the provisioner comes here. */
  get environment(): Record<string, string> {
    return {
      GOOGLE_APPLICATION_CREDENTIALS: join(this.folder, 'credentials.json'),
      GOOGLE_CLOUD_PROJECT: PROJECT,
      METADATA_SERVER_DETECTION: 'none',
      SKYFLOW_GCP_ENDPOINT: this.url,
    };
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const address = this.server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    const subject = join(this.folder, 'subject');
    writeFileSync(subject, this.subject);
    const credentials = {
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/tests',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${this.url}/token`,
      credential_source: { file: subject },
    };
    writeFileSync(join(this.folder, 'credentials.json'), JSON.stringify(credentials));
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const url = new URL(request.url ?? '/', this.url);
    if (url.pathname === '/token') {
      this.signIn(text, response);
      return;
    }
    const [method, body] = this.carryOut(request, url, text);
    this.calls.push(method);
    const { weather } = this.world;
    if (taken(weather.lost, (each) => each === method) !== undefined) {
      request.socket.destroy();
      return;
    }
    const late = taken(weather.late, (each) => each.method === method);
    if (late !== undefined) await pause(late.ms, undefined, { ref: false });
    const status = body instanceof GcpError ? body.status : 200;
    reply(response, status, body instanceof GcpError ? errorJson(body) : body);
  }

  /** Which method it was, and what it answers. */
  private carryOut(request: IncomingMessage, url: URL, text: string): [string, unknown] {
    const { project, rest = '' } = ROOT.exec(url.pathname)?.groups ?? {};
    const [method, known] =
      Object.entries(METHODS).find(([, { verb, path }]) => verb === request.method && path.test(rest)) ?? [];
    if (method === undefined || known === undefined) return ['unknown', new GcpError(404, 'notFound', 'Not Found')];
    try {
      if (request.headers.authorization !== `Bearer ${this.token}`) {
        throw new GcpError(401, 'authError', 'Request had invalid authentication credentials.');
      }
      const failure = taken(this.world.weather.failures, (each) => each.method === method);
      if (failure !== undefined) throw new GcpError(failure.status, failure.reason, failure.message ?? failure.reason);
      const path = known.path.exec(rest)?.groups ?? {};
      const root = `https://www.googleapis.com/compute/v1/projects/${project ?? ''}`;
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      return [method, known.answer(this.world, { path, query: url.searchParams, body, root })];
    } catch (error) {
      if (error instanceof GcpError) return [method, error];
      throw error;
    }
  }

  private signIn(form: string, response: ServerResponse): void {
    const isKnown = new URLSearchParams(form).get('subject_token') === this.subject;
    if (!isKnown || this.world.weather.isSignInRefused) {
      reply(response, 400, { error: 'invalid_grant', error_description: 'The subject token is not valid' });
      return;
    }
    const type = 'urn:ietf:params:oauth:token-type:access_token';
    reply(response, 200, {
      access_token: this.token,
      issued_token_type: type,
      expires_in: 3_599,
      token_type: 'Bearer',
    });
  }
}

const errorJson = ({ status, reason, message }: GcpError): unknown => ({
  error: { code: status, message, errors: [{ message, domain: 'global', reason }] },
});

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(body));
}
