/** A gateway in this process on a real nats-server, with HTTP on a free port; and what a test needs to play the others. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { EntryData, EntryType, RawEntry } from '@skyflow/contracts';
import { JetStreamEventLog, SubjectWriter } from '@skyflow/event-log';
import { type Logger, createLogger, createMetrics, HealthServer, type ServiceContext } from '@skyflow/service';
import type { Refusal } from '../access/gatekeeper.js';
import type { gatewaySettings } from '../settings.js';
import { startGateway } from '../start-gateway.js';

export const TOKEN = 'a-token-for-tests';

export interface GatewayFixture {
  url: string;
  nats: NatsConnection;
  log: JetStreamEventLog;
  /** Whether the gateway asked to be stopped, and why. */
  stopped(): string | undefined;
  /** What the audit log has. */
  audited(): readonly Refusal[];
  /** A request with the token; a body is sent as JSON unless it is text. */
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Appends an entry as another service would. */
  append<T extends EntryType>(subject: string, type: T, data: EntryData<T>): Promise<number>;
  stop(): Promise<void>;
}

interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The text as JSON, if it is one JSON document; what is not there is undefined, whatever its type says. */
  body: AnswerBody;
}

/** Fields of the bodies that tests look into. */
interface AnswerBody {
  kind: string;
  code: number;
  reason: string;
  message: string;
  metadata: { name: string; uid: string; resourceVersion: string; deletionTimestamp?: string };
  spec: object;
  status: { phase: string };
  items: AnswerBody[];
  paths: object;
  components: { schemas: Record<string, unknown> };
  foldedSeq: number;
  logHead: number;
  clusters: object[];
}

export async function startGatewayFixture(
  natsUrl: string,
  snapshotDir?: string,
  more: Partial<ServiceContext<typeof gatewaySettings>['settings']> = {},
): Promise<GatewayFixture> {
  const closers: (() => Promise<void> | void)[] = [];
  const keys = sealingKeys();
  const stopping = new AbortController();
  let stopped: string | undefined;
  const audit: Refusal[] = [];
  const nats = await connect({
    servers: natsUrl,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
    waitOnFirstConnect: true,
  });
  const metrics = createMetrics('api-gateway');
  const context = {
    name: 'api-gateway',
    instance: `test-${String(process.pid)}`,
    environment: {
      SKYFLOW_NATS_URL: natsUrl,
      ...(snapshotDir === undefined ? {} : { SKYFLOW_SNAPSHOT_DIR: snapshotDir }),
    },
    settings: {
      SKYFLOW_HTTP_HOST: '127.0.0.1',
      SKYFLOW_HTTP_PORT: 0,
      SKYFLOW_TOKEN: TOKEN,
      SKYFLOW_SEALING_KEYS: keys,
      SKYFLOW_AGENT_RENEW_SECONDS: 86_400,
      SKYFLOW_FEATURE_LEVEL_AFTER_SECONDS: 60,
      ...more,
    },
    logger: listened(createLogger('api-gateway', 'test', 'fatal'), audit),
    health: new HealthServer(metrics),
    metrics,
    nats,
    stopping: stopping.signal,
    onStop: (_what: string, close: () => Promise<void> | void) => void closers.push(close),
    stop: (reason: string) => (stopped = reason),
  } as unknown as ServiceContext<typeof gatewaySettings>;
  const port = await startGateway(context);
  const url = `http://127.0.0.1:${String(port)}`;
  const log = await JetStreamEventLog.open({ connection: nats });
  const writers = new Map<string, SubjectWriter>();

  return {
    url,
    nats,
    log,
    stopped: () => stopped,
    audited: () => audit,
    request: (method, path, body, headers) => request(`${url}${path}`, method, body, headers),
    append: async (subject, type, data) => {
      let writer = writers.get(subject);
      if (writer === undefined) writers.set(subject, (writer = new SubjectWriter({ log, subject, writer: 'test/1' })));
      const entry: RawEntry = { type, v: 1, at: Date.now(), actor: 'test', corr: 'test', data };
      return (await writer.append([entry])).seq;
    },
    stop: async () => {
      stopping.abort();
      for (const close of closers.reverse()) await close();
      await metrics.close();
      await nats.close();
      rmSync(dirname(keys), { recursive: true, force: true });
    },
  };
}

/** The same logger; what it is told of refusals is kept, too. */
function listened(logger: Logger, audit: Refusal[]): Logger {
  const warn = logger.warn.bind(logger);
  logger.warn = (...said: Parameters<typeof warn>) => {
    const [about] = said as unknown[];
    if (typeof about === 'object' && about !== null && 'audit' in about) audit.push(about.audit as Refusal);
    warn(...said);
  };
  return logger;
}

async function request(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  // Watches are several documents.
  const json =
    response.headers.get('content-type')?.includes('json') === true && text !== '' && !text.trimEnd().includes('\n');
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: (json ? JSON.parse(text) : {}) as AnswerBody,
  };
}

/** A file with one key, the same for every gateway of a test. */
function sealingKeys(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'skyflow-keys-')), 'sealing.keys');
  writeFileSync(file, 'ab'.repeat(32));
  return file;
}

export const JOBS = '/apis/skyflow.io/v1/namespaces/default/jobs';

/** A job of one small container. */
export const jobNamed = (
  name: string,
  spec: Record<string, unknown> = {},
  pod: Record<string, unknown> = {},
): object => ({
  apiVersion: 'skyflow.io/v1',
  kind: 'Job',
  metadata: { name },
  spec: {
    replicas: 1,
    template: {
      spec: { containers: [{ name: 'main', image: 'busybox', resources: { requests: { cpu: '100m' } } }], ...pod },
    },
    ...spec,
  },
});

/** Resolves when the condition holds. @throws Error after `withinMs`, naming what was waited for. */
export async function until(
  what: string,
  condition: () => Promise<boolean> | boolean,
  withinMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${String(withinMs)} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
