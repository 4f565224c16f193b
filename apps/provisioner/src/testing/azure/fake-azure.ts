/**
 * An endpoint that speaks the protocol of Azure Resource Manager, and of the authority that gives out tokens (OAuth), to the unmodified SDK:
 * with TLS, as that insists on it, by an authority of its own. With that API's bad days: answers that are lost or late, 429 with Retry-After,
 * machines that are not told of yet, creations that begin and are refused and leave something behind, deletions that linger.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import tls from 'node:tls';
import { issueCertificate } from '@skyflow/certificates';
import { taken } from '../taken.js';
import { type AzureAnswer, CALLS } from './azure-calls.js';
import { AzureError, AzureWorld } from './azure-world.js';

const TENANT = '11111111-1111-1111-1111-111111111111';
const SUBSCRIPTION = '22222222-2222-2222-2222-222222222222';
const SECRET = 'fake';
const DAY_MS = 86_400_000;
const LIFE = { lifeMs: DAY_MS, nowMs: Date.now() };
/** Of a name of its own: a process may trust those of several test files, and finds the one that signed by its name. */
const authority = issueCertificate({
  subject: { commonName: `fake Azure ${randomUUID()}` },
  use: 'authority',
  ...LIFE,
});
const server = issueCertificate(
  { subject: { commonName: '127.0.0.1' }, hosts: ['127.0.0.1', 'localhost'], use: 'server', ...LIFE },
  authority,
);

export class FakeAzure {
  readonly world: AzureWorld;
  /** Calls that were made, in order. */
  readonly calls: string[] = [];
  private readonly server: Server;
  private readonly token = randomUUID();
  private port = 0;

  constructor(addresses: readonly string[] = ['127.0.0.1'], onKey?: (publicKey: string) => void) {
    this.world = new AzureWorld(addresses, onKey);
    this.server = createServer({ cert: server.certificate, key: server.privateKey }, (request, response) => {
      this.answer(request, response).catch(() => request.socket.destroy());
    });
  }

  get url(): string {
    return `https://localhost:${String(this.port)}`;
  }

  /** By which any tool of Azure signs in here; and the settings by which the provisioner comes here. */
  get environment(): Record<string, string> {
    return {
      AZURE_TENANT_ID: TENANT,
      AZURE_CLIENT_ID: 'skyflow',
      AZURE_CLIENT_SECRET: SECRET,
      AZURE_SUBSCRIPTION_ID: SUBSCRIPTION,
      AZURE_AUTHORITY_HOST: this.url,
      AZURE_TOKEN_CREDENTIALS: 'EnvironmentCredential',
      SKYFLOW_AZURE_ENDPOINT: this.url,
    };
  }

  /** This process trusts it from now on. */
  async start(): Promise<this> {
    tls.setDefaultCACertificates([...tls.getCACertificates('default'), authority.certificate]);
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const address = this.server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const url = new URL(request.url ?? '/', this.url);
    if (url.pathname.startsWith(`/${TENANT}/`)) {
      if (this.world.weather.isSignInGone) {
        request.socket.destroy();
        return;
      }
      this.signIn(url, text, response);
      return;
    }
    const [call, answer] = this.carryOut(request, url, text);
    this.calls.push(call);
    const { weather } = this.world;
    if (taken(weather.lost, (each) => each === call) !== undefined) {
      request.socket.destroy();
      return;
    }
    const late = taken(weather.late, (each) => each.call === call);
    if (late !== undefined) await pause(late.ms, undefined, { ref: false });
    reply(response, answer);
  }

  /** Which call it was, and what it answers. */
  private carryOut(request: IncomingMessage, url: URL, text: string): [string, AzureAnswer] {
    const rest = url.pathname.replace(/^\/subscriptions\/[^/]+/, '');
    const [call, known] =
      Object.entries(CALLS).find(([, { verb, path }]) => verb === request.method && path.test(rest)) ?? [];
    if (call === undefined || known === undefined) {
      return ['unknown', errorAnswer(new AzureError(404, 'InvalidResourceType', `${request.method ?? ''} ${rest}`))];
    }
    try {
      if (request.headers.authorization !== `Bearer ${this.token}`) {
        throw new AzureError(401, 'InvalidAuthenticationToken', 'The access token is invalid.');
      }
      const failure = taken(this.world.weather.failures, (each) => each.call === call);
      if (failure !== undefined) {
        const { status, code, message = code, retryAfter } = failure;
        throw new AzureError(status, code, message, retryAfter);
      }
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      const path = known.path.exec(rest)?.groups ?? {};
      return [call, known.answer(this.world, { path, query: url.searchParams, body, url: this.url })];
    } catch (error) {
      if (error instanceof AzureError) return [call, errorAnswer(error)];
      throw error;
    }
  }

  /** Where tokens come from, and a token for the client's secret. */
  private signIn(url: URL, form: string, response: ServerResponse): void {
    const base = `${this.url}/${TENANT}`;
    if (url.pathname.endsWith('/.well-known/openid-configuration')) {
      const endpoints = {
        token_endpoint: `${base}/oauth2/v2.0/token`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
        issuer: `${base}/v2.0`,
      };
      reply(response, { status: 200, body: endpoints });
      return;
    }
    const isKnown = new URLSearchParams(form).get('client_secret') === SECRET;
    if (!isKnown || this.world.weather.isSignInRefused) {
      const description = 'AADSTS7000215: Invalid client secret provided.';
      reply(response, { status: 401, body: { error: 'invalid_client', error_description: description } });
      return;
    }
    const body = { token_type: 'Bearer', expires_in: 3_599, ext_expires_in: 3_599, access_token: this.token };
    reply(response, { status: 200, body });
  }
}

const errorAnswer = ({ status, code, message, retryAfter }: AzureError): AzureAnswer => ({
  status,
  body: { error: { code, message } },
  headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
});

function reply(response: ServerResponse, { status, body, headers = {} }: AzureAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
