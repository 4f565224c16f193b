/** Waits for services and clusters to be ready, and can say what is still missing. */
import { setTimeout as pause } from 'node:timers/promises';

export interface ClusterLine {
  name: string;
  phase: string;
  message: string;
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
  items?: { metadata: { name: string }; status?: { phase?: string; message?: string } }[];
}

/** Clusters as the API tells them. @throws Error if it does not answer. */
export async function listClusters(httpPort: number, token: string): Promise<ClusterLine[]> {
  const answer = await getJson(`http://127.0.0.1:${httpPort}/apis/skyflow.io/v1/clusters`, token);
  if (answer instanceof Error) throw answer;
  if (answer.code !== 200) throw new Error(`the API answered ${answer.code} to a list of clusters`);
  const { items } = answer.body as ClusterList;
  return (items ?? []).map(({ metadata, status }) => ({
    name: metadata.name,
    phase: status?.phase ?? 'INIT',
    message: status?.message ?? '',
  }));
}

/** All of `names` READY, or, without names, at least one cluster and all READY. */
export const clustersReady =
  (httpPort: number, token: string, names: readonly string[] | undefined): Check =>
  async () => {
    let clusters: ClusterLine[];
    try {
      clusters = await listClusters(httpPort, token);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    const absent = (names ?? []).filter((name) => !clusters.some((cluster) => cluster.name === name));
    if (absent.length > 0) return `not registered yet: ${absent.join(', ')}`;
    if (clusters.length === 0) return 'no cluster is registered yet';
    const waiting = clusters.filter(
      (cluster) => cluster.phase !== 'READY' && (names === undefined || names.includes(cluster.name)),
    );
    if (waiting.length === 0) return undefined;
    return waiting
      .map(({ name, phase, message }) => `${name} is ${phase}${message === '' ? '' : ` (${message})`}`)
      .join(', ');
  };

async function getJson(url: string, token?: string): Promise<{ code: number; body: unknown } | Error> {
  try {
    const response = await fetch(url, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(3_000),
    });
    return { code: response.status, body: await response.json() };
  } catch (error) {
    return error instanceof Error ? new Error(`no answer from ${url} yet`, { cause: error }) : new Error(String(error));
  }
}
