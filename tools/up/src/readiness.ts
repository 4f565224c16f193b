/** Waits for services and clusters to be ready, and can say what is still missing. */
import { type IncomingMessage, request as send } from 'node:http';
import { request as sendSecurely } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';

/** The gateway, as `up` itself asks it. */
export interface Api {
  address: string;
  token: string;
  /** PEM; absent: plain HTTP. */
  authority?: string;
}

export interface ClusterLine {
  name: string;
  phase: string;
  message: string;
  /** Its agent was heard since the API runs: what is said of it is not of the time before. */
  isHeard: boolean;
}

/** Undefined: ready. Text: what is missing. */
export type Check = () => Promise<string | undefined>;

/** Polls until the check passes. @throws Error with what was last missing, after the deadline. */
export async function waitUntil(what: string, check: Check, deadlineMs: number, signal: AbortSignal): Promise<void> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    signal.throwIfAborted();
    const missing = await check();
    if (missing === undefined) return;
    if (performance.now() > end)
      throw new Error(`${what} was not ready after ${Math.round(deadlineMs / 1000)} s: ${missing}`);
    await pause(50, undefined, { signal });
  }
}

/** A service's /readyz. */
export const serviceReady =
  (port: number): Check =>
  async () => {
    const answer = await getJson(`http://127.0.0.1:${port}/readyz`);
    if (answer instanceof Error) return answer.message;
    if (answer.code === 200) return undefined;
    const failed = Object.entries((answer.body as { failed?: Record<string, string> }).failed ?? {});
    return failed.map(([part, reason]) => `${part}: ${reason}`).join('; ') || `answered ${answer.code}`;
  };

interface ClusterList {
  items?: { metadata: { name: string }; status?: { phase?: string; message?: string; lastHeartbeatTime?: string } }[];
}

/** Clusters as the API tells them. @throws Error if it does not answer. */
export async function listClusters(api: Api): Promise<ClusterLine[]> {
  const answer = await getJson(`${api.address}/apis/skyflow.io/v1/clusters`, api);
  if (answer instanceof Error) throw answer;
  if (answer.code !== 200) throw new Error(`the API answered ${answer.code} to a list of clusters`);
  const { items } = answer.body as ClusterList;
  return (items ?? []).map(({ metadata, status }) => ({
    name: metadata.name,
    phase: status?.phase ?? 'INIT',
    message: status?.message ?? '',
    isHeard: status?.lastHeartbeatTime !== undefined,
  }));
}

/** Address of the console, with a link that signs in once; without one if the gateway makes none. */
export async function consoleAddress(api: Api): Promise<string> {
  const answer = await getJson(`${api.address}/auth/links`, api, 'POST');
  const made = !(answer instanceof Error) && answer.code === 201;
  return `${api.address}${made ? (answer.body as { path: string }).path : '/console/'}`;
}

/**
 * All of `names` READY and their agents heard, or, without names, at least one cluster and all so.
 * @param registered those that were made once: what is not there of them was deleted, and is not waited for
 */
export const clustersReady =
  (api: Api, names: readonly string[] | undefined, registered: () => readonly string[] = () => []): Check =>
  async () => {
    let clusters: ClusterLine[];
    // Before the clusters are listed: what is registered meanwhile is in no list yet.
    const made = registered();
    try {
      clusters = await listClusters(api);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    const isThere = (name: string): boolean => clusters.some((cluster) => cluster.name === name);
    const absent = (names ?? []).filter((name) => !isThere(name) && !made.includes(name));
    if (absent.length > 0) return `not registered yet: ${absent.join(', ')}`;
    if (clusters.length === 0 && names === undefined) return 'no cluster is registered yet';
    const waiting = clusters.filter(
      ({ name, phase, isHeard }) => (phase !== 'READY' || !isHeard) && (names === undefined || names.includes(name)),
    );
    if (waiting.length === 0) return undefined;
    return waiting
      .map(({ name, phase, message, isHeard }) =>
        phase === 'READY' && !isHeard
          ? `the agent of ${name} has not been heard yet`
          : `${name} is ${phase}${message === '' ? '' : ` (${message})`}`,
      )
      .join(', ');
  };

/** Not `fetch`: it takes no authority. */
async function getJson(
  url: string,
  api?: Api,
  method: 'GET' | 'POST' = 'GET',
): Promise<{ code: number; body: unknown } | Error> {
  const headers = api === undefined ? {} : { authorization: `Bearer ${api.token}` };
  const options = { method, headers, signal: AbortSignal.timeout(3_000) };
  const secure = { ...options, ...(api?.authority === undefined ? {} : { ca: api.authority }) };
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = url.startsWith('https:') ? sendSecurely(url, secure, resolve) : send(url, options, resolve);
      request.on('error', reject).end();
    });
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { code: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown };
  } catch (error) {
    return error instanceof Error ? new Error(`no answer from ${url} yet`, { cause: error }) : new Error(String(error));
  }
}
