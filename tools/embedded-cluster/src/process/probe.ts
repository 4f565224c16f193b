/** Runs one probe against a container's process: exec, HTTP or TCP on the pod's own address. Never throws. */
import { spawn } from 'node:child_process';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Container, Probe } from '../model/pod.js';
import type { IntOrString } from '../model/condition.js';
import type { ContainerPlace } from './container-place.js';

export interface ProbeTarget {
  container: Container;
  podIP: string;
  place: ContainerPlace;
}

/** Undefined: passed. Otherwise why not, as the kubelet words it. */
export async function runProbe(probe: Probe, target: ProbeTarget): Promise<string | undefined> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
  if (probe.exec !== undefined) return probeExec(probe.exec.command ?? [], target, timeoutMs);
  if (probe.httpGet !== undefined) return probeHttp(probe.httpGet, target, timeoutMs);
  if (probe.tcpSocket !== undefined) return probeTcp(probe.tcpSocket, target, timeoutMs);
  // gRPC probes are not run here (README); they pass.
  return undefined;
}

function probeExec(command: string[], { place }: ProbeTarget, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const [file = '', ...args] = place.within(command);
    const { env, cwd } = place;
    const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const take = (chunk: Buffer): void => {
      if (output.length < 1024) output += chunk.toString('utf8');
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const timer = setTimeout(() => {
      killGroup(child.pid);
      resolve(`command timed out: "${command.join(' ')}" timed out after ${timeoutMs / 1000}s`);
    }, timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve(error.message);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve(code === 0 ? undefined : output.trim() || `command exited with code ${code ?? 'unknown'}`);
    });
  });
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function probeHttp(
  get: NonNullable<Probe['httpGet']>,
  { container, podIP }: ProbeTarget,
  timeoutMs: number,
): Promise<string | undefined> {
  const host = get.host ?? podIP;
  const port = portNumber(get.port, container);
  const secure = get.scheme?.toUpperCase() === 'HTTPS';
  const headers = Object.fromEntries((get.httpHeaders ?? []).map(({ name, value }) => [name, value]));
  return new Promise((resolve) => {
    const request = (secure ? httpsRequest : httpRequest)(
      {
        host,
        port,
        path: get.path ?? '/',
        headers: { 'user-agent': 'kube-probe/1.36', ...headers },
        timeout: timeoutMs,
        agent: false,
        // As the kubelet: probes do not check certificates.
        ...(secure ? { rejectUnauthorized: false } : {}),
      },
      (response) => {
        response.resume();
        const status = response.statusCode ?? 0;
        resolve(status >= 200 && status < 400 ? undefined : `HTTP probe failed with statuscode: ${status}`);
      },
    );
    request.once('timeout', () => request.destroy(new Error('context deadline exceeded')));
    request.once('error', (error) => resolve(`Get "http://${host}:${port}${get.path ?? '/'}": ${error.message}`));
    request.end();
  });
}

function probeTcp(
  tcp: NonNullable<Probe['tcpSocket']>,
  { container, podIP }: ProbeTarget,
  timeoutMs: number,
): Promise<string | undefined> {
  const host = tcp.host ?? podIP;
  const port = portNumber(tcp.port, container);
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (problem: string | undefined): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.setTimeout(timeoutMs, () => end(`dial tcp ${host}:${port}: i/o timeout`));
    socket.once('connect', () => end(undefined));
    socket.once('error', (error) => end(`dial tcp ${host}:${port}: ${error.message}`));
  });
}

function portNumber(port: IntOrString, container: Container): number {
  if (typeof port === 'number') return port;
  return container.ports?.find(({ name }) => name === port)?.containerPort ?? Number(port);
}
