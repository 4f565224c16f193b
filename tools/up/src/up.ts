/**
 * `npm run up`: from nothing, or from the data of the last time, to a SkyFlow that answers; then looks after it until it is
 * told to stop. In the background (`--detach`) the same program runs detached and this one waits for its verdict.
 */
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LOG_ACCOUNT, natsServices } from '@skyflow/domain';
import { type NatsKeeper, ServiceKeys, resolveNatsServer } from '@skyflow/nats-server';
import { apiAddress, writeClientConfig, writeGatewayKubeconfig } from './client-config.js';
import { writeFileAtomic, type Home } from './home.js';
import { Instance } from './instance.js';
import { endLeftovers } from './leftovers.js';
import type { ProcessSpec } from './managed-process.js';
import { KeyRotation, keepCertificate, keeperOf } from './nats-keeping.js';
import type { UpOptions } from './options.js';
import { embeddedClusters, embeddedConfig, planProcesses, type PlanInput } from './plan.js';
import { choosePorts, type Ports } from './ports.js';
import { type Api, clustersReady, consoleAddress, listClusters, serviceReady, waitUntil } from './readiness.js';
import { ROTATE_SIGNAL } from './rotate-keys.js';
import { isRunning, readState, type RunState } from './run-state.js';
import { done, failure, notice, ready, step } from './screen.js';
import { ensureTls } from './tls.js';

/** Something a person must see to; no stack is shown. */
export class UpError extends Error {
  override readonly name = 'UpError';
}

const NATS = 'nats-server';
const SERVICE_DEADLINE_MS = 60_000;
const CLUSTER_DEADLINE_MS = 60_000;
const DETACHED_DEADLINE_MS = 10 * 60_000;

/** Runs until stopped; resolves when everything has ended. @throws UpError and what the parts throw, all made for people. */
export async function up(options: UpOptions, home: Home, root: string, mark: string): Promise<void> {
  const startedAt = performance.now();
  await refuseOrClean(home);
  home.prepare();
  checkKubeconfig(options);
  const ports = await choosePorts(home, options.httpPort);
  const instance = new Instance(home, ports.http, mark);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => stop.abort(new Error(signal)));
  try {
    const input = await startEverything(options, home, root, ports, instance, stop.signal);
    await waitForEverything(input, stop.signal);
    instance.setPhase('ready');
    ready({
      tookMs: performance.now() - startedAt,
      address: apiAddress(ports.http, options.tls),
      console: await consoleAddress(apiOf(input)),
      home,
      clusters: await listClusters(apiOf(input)),
      embedded: options.kubeconfig === undefined,
      detached: options.detach,
      processes: instance.list(),
    });
    await new Promise((resolve) => stop.signal.addEventListener('abort', resolve, { once: true }));
  } catch (error) {
    if (!stop.signal.aborted) {
      instance.setPhase('failed', error instanceof Error ? error.message : String(error));
      await instance.stop();
      throw error;
    }
  }
  step('Stopping …');
  const stopping = performance.now();
  await instance.stop();
  done('SkyFlow is down; data stays', performance.now() - stopping);
}

async function refuseOrClean(home: Home): Promise<void> {
  const state = readState(home);
  if (state === undefined) return;
  if (isRunning(state.runnerPid, state.runnerMark)) {
    throw new UpError(
      `SkyFlow already runs from ${home.path} (pid ${state.runnerPid}, http://127.0.0.1:${state.httpPort}). ` +
        'Stop it with npm run down, or start another instance: SKYFLOW_HOME=~/.skyflow-b npm run up -- --port 50061',
    );
  }
  const left = await endLeftovers(state);
  if (left.length > 0) notice(`The last run was killed; ended what it had left: ${left.join(', ')}`);
}

function checkKubeconfig({ kubeconfig }: UpOptions): void {
  if (kubeconfig !== undefined && !existsSync(kubeconfig)) {
    throw new UpError(
      `--kubeconfig ${kubeconfig}: there is no such file. Give the path of a kubeconfig, e.g. ~/.kube/config.`,
    );
  }
}

async function startEverything(
  options: UpOptions,
  home: Home,
  root: string,
  ports: Ports,
  instance: Instance,
  signal: AbortSignal,
): Promise<PlanInput> {
  const token = home.read(home.token);
  const authority = ensureTls(home);
  const keys = new ServiceKeys(home.natsKeys, natsServices);
  keys.ensure();
  const input: PlanInput = { root, node: process.execPath, home, ports, options, token, keys, authority };
  writeClientConfig(home, ports, token, options.tls);
  writeGatewayKubeconfig(home, options.tls ? ports.http : ports.https, token, authority);
  writeFileAtomic(join(home.run, 'embedded-clusters.json'), JSON.stringify(embeddedConfig(input), undefined, 2));
  const keeping = {
    home,
    keys,
    port: ports.nats,
    tls: options.tls,
    hangUp: () => instance.signal(NATS, 'SIGHUP'),
    notice,
  };
  const keeper = keeperOf(keeping);
  const nats = await natsSpec(home, keeper);
  signal.throwIfAborted();
  instance.start(nats);
  for (const spec of planProcesses(input)) instance.start(spec);
  void keeper.run(apiOf(input), home.read(home.keeperToken), signal);
  process.on(ROTATE_SIGNAL, new KeyRotation(keeper, keeping, signal).rotate);
  keepCertificate(home, keeper, signal);
  return input;
}

const apiOf = ({ ports, options, token, authority }: PlanInput): Api => ({
  address: apiAddress(ports.http, options.tls),
  token,
  ...(options.tls ? { authority } : {}),
});

/** Getting a nats-server can take minutes the first time, so it is shown. */
async function natsSpec(home: Home, keeper: NatsKeeper): Promise<ProcessSpec> {
  const startedAt = performance.now();
  const binary = await resolveNatsServer({ report: step });
  done(`nats-server ${binary.version}`, performance.now() - startedAt);
  keepLogOfFormerAccount(home);
  keeper.write();
  return {
    name: NATS,
    command: binary.path,
    args: ['-c', home.natsConfig],
    environment: {},
    logFile: join(home.logs, 'nats-server.log'),
    watchesParent: false,
  };
}

/** Before there were accounts, the log was in nats-server's default one, `$G`. */
function keepLogOfFormerAccount(home: Home): void {
  const [before, now] = ['$G', LOG_ACCOUNT].map((account) => join(home.nats, 'jetstream', account)) as [string, string];
  if (existsSync(before) && !existsSync(now)) renameSync(before, now);
}

async function waitForEverything(input: PlanInput, signal: AbortSignal): Promise<void> {
  const { ports, options, home } = input;
  const api = apiOf(input);
  const services = {
    'api-gateway': ports.gatewayHealth,
    scheduler: ports.scheduler,
    'mesh-controller': ports.mesh,
    provisioner: ports.provisioner,
    'agent-supervisor': ports.supervisor,
  };
  const startedAt = performance.now();
  await Promise.all(
    Object.entries(services).map(async ([name, port]) => {
      await waitUntil(name, serviceReady(port), SERVICE_DEADLINE_MS, signal);
      done(`${name} is ready`, performance.now() - startedAt);
    }),
  );
  if (options.kubeconfig === undefined) {
    const names = embeddedClusters.map(({ name }) => name);
    const registered = (): string[] => home.registeredContexts();
    await waitUntil('embedded clusters', clustersReady(api, names, registered), CLUSTER_DEADLINE_MS, signal);
    const members = (await listClusters(api)).map(({ name }) => name);
    const [here, deleted] = [
      names.filter((name) => members.includes(name)),
      names.filter((name) => !members.includes(name)),
    ];
    if (here.length > 0)
      done(`${here.join(', ')} ${here.length === 1 ? 'is' : 'are'} READY`, performance.now() - startedAt);
    for (const name of deleted) {
      notice(`${name} was deleted, and is no member; to have it back: npx skyctl create cluster ${name}`);
    }
    return;
  }
  // A user's cluster that does not answer must not keep the others from being used: its state is shown instead.
  try {
    await waitUntil('clusters', clustersReady(api, undefined), 15_000, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    notice(error instanceof Error ? error.message : String(error));
  }
}

/** Starts the same program detached and waits until it is ready or has failed. @throws UpError */
export async function upDetached(args: readonly string[], home: Home, program: string): Promise<void> {
  await refuseOrClean(home);
  home.prepare();
  const logFile = join(home.logs, 'up.log');
  const log = openSync(logFile, 'w', 0o600);
  const offset = 0;
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, SKYFLOW_UP_DETACHED: '1' },
    stdio: ['ignore', log, log],
    detached: true,
  });
  child.unref();
  let ended: number | undefined;
  child.once('exit', (code) => (ended = code ?? 1));
  const deadline = performance.now() + DETACHED_DEADLINE_MS;
  let shown = offset;
  for (;;) {
    shown = show(logFile, shown);
    const state = readState(home);
    if (ended !== undefined) throw new UpError(`SkyFlow did not start; what it said is above and in ${logFile}.`);
    if (isVerdict(state, child.pid)) break;
    if (performance.now() > deadline) throw new UpError(`SkyFlow is not ready after ten minutes; see ${logFile}.`);
    await pause(100);
  }
  await pause(100);
  show(logFile, shown);
}

const isVerdict = (state: RunState | undefined, pid: number | undefined): boolean =>
  state?.phase === 'ready' && state.runnerPid === pid;

function show(file: string, from: number): number {
  const text = readFileSync(file);
  process.stdout.write(text.subarray(from));
  return text.length;
}

/** Prints what a person must know of an error; details only where they help. */
export function report(error: unknown): void {
  failure(error instanceof Error ? error.message : String(error));
}
