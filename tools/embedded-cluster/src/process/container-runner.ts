/**
 * Runs one container of one pod, again and again as it is told: process or simulation, log, probes, and the record that the
 * pod's status is made of. It decides nothing about restarts.
 */
import { join } from 'node:path';
import { badRequest } from '@skyflow/apimachinery';
import type { EventDraft } from '../controllers/reconcile.js';
import type { DelayQueue } from '../engine/delay-queue.js';
import { type ContainerRecord, newRecord } from '../kubelet/container-record.js';
import { timestamp } from '../model/object-facts.js';
import type { Container, TerminatedState } from '../model/pod.js';
import { commandLine } from './container-env.js';
import { ContainerLog, type Tap } from './container-log.js';
import type { ContainerPlace } from './container-place.js';
import { Attachments } from './attachments.js';
import { ContainerProcess, containerOnTerminal, type ProcessEnd, type RunningContainer } from './container-process.js';
import { startError, startProblem } from './executable.js';
import type { Guardian } from './guardian.js';
import { enteredCommand, type Mount, mountedCommand } from './mount-namespace.js';
import { ProbeLoop } from './probe-loop.js';
import type { RemoteProcess } from './remote-process.js';
import { CONTAINER_MARK } from './stray-sweep.js';
import { terminals, type Terminals } from './terminal.js';

/** What a container needs of its pod. */
export interface ContainerHost {
  readonly delays: DelayQueue;
  readonly guardian: Guardian;
  readonly podIP: string;
  readonly podUid: string;
  /** Nothing is to start any more. */
  stopping(): boolean;
  /** Environment with everything in it. @throws ContainerConfigError */
  environment(container: Container): Record<string, string>;
  directories(container: Container): Promise<{ own: string; working: string; root: string }>;
  /** Volumes that are to be at their mount paths. */
  mounts(container: Container): Mount[];
  /** How long a container without a command plays at running; undefined: until it is stopped. */
  simulatedRun(): { runMs?: number; exitCode: number };
  /** The record changed. */
  changed(): void;
  say(event: Omit<EventDraft, 'source'>, container: Container): void;
  /** All that the container started is to be gone. */
  sweep(containerId: string): void;
}

/** What one run of a container is given. */
interface RunPlace {
  root: string;
  log: ContainerLog;
  id: string;
  /** Set when it is to have a terminal. */
  terminal: Terminals | undefined;
}

export class ContainerRunner {
  record: ContainerRecord;
  readonly #host: ContainerHost;
  readonly #attachments = new Attachments();
  #process: RunningContainer | undefined;
  #endSimulation: ((end: ProcessEnd) => void) | undefined;
  #probes: ProbeLoop | undefined;
  #log: ContainerLog | undefined;
  #previousLog: ContainerLog | undefined;
  #env: Record<string, string> = {};
  #cwd = '';
  #mounted = false;
  #captured: Promise<unknown> = Promise.resolve();

  constructor(host: ContainerHost, container: Container, reason: string) {
    this.#host = host;
    this.record = newRecord(container, reason);
  }

  get log(): ContainerLog | undefined {
    return this.#log;
  }

  get previousLog(): ContainerLog | undefined {
    return this.#previousLog;
  }

  /** Where another command of this container runs: environment, directory, and what puts it where the mounts are. */
  get place(): ContainerPlace {
    const pid = this.#process?.pid;
    return {
      env: this.#env,
      cwd: this.#cwd,
      within: (command) => (this.#mounted && pid !== undefined ? enteredCommand(command, pid) : [...command]),
    };
  }

  get spec(): Container {
    return this.record.container;
  }

  /** What connects a client to the process that runs now. @throws StatusError 400 when nothing really runs */
  attach(): () => RemoteProcess {
    const running = this.#process;
    const { name, stdin, stdinOnce } = this.spec;
    if (running === undefined) throw badRequest(`container ${name} is simulated: there is nothing to be attached to`);
    return () =>
      this.#attachments.attach({
        stdin: stdin === true ? (running.stdin ?? undefined) : undefined,
        stdinOnce: stdinOnce === true,
        resize: (size) => running.resize(size),
        ended: running.ended,
      });
  }

  get running(): boolean {
    return this.record.phase.is === 'running';
  }

  /** One run from start to end. @throws ContainerConfigError when it cannot be prepared. */
  async run(): Promise<TerminatedState> {
    const { container, last } = this.record;
    const env = this.#host.environment(container);
    const { own, working, root } = await this.#host.directories(container);
    const terminal = container.tty === true ? await terminals() : undefined;
    if (this.#host.stopping()) return this.#neverStarted();
    const attempt = this.record.restarts + (last === undefined ? 0 : 1);
    const id = `${this.#host.podUid}.${container.name}.${attempt}`;
    this.#env = { TMPDIR: join(own, 'tmp'), ...env, [CONTAINER_MARK]: id };
    this.#cwd = working;
    this.#previousLog = this.#log;
    const log = new ContainerLog(join(own, `${attempt}.log`));
    this.#log = log;
    const startedAtMs = Date.now();
    const command = commandLine(container, env);
    const ended =
      command === undefined ? this.#simulate(container, log) : this.#spawn(command, { root, log, id, terminal });
    await this.#process?.placed;
    this.record = {
      ...this.record,
      restarts: attempt,
      containerId: `${command === undefined ? 'simulated' : 'process'}://${id}`,
      phase: { is: 'running', startedAtMs },
      ready: false,
      started: container.startupProbe === undefined,
    };
    const spawned = command === undefined || this.#process?.pid !== undefined;
    if (spawned) this.#announceStart(command !== undefined);
    const end = await ended;
    this.#probes?.stop();
    await this.#captured;
    log.close();
    const state = terminatedState(end, startedAtMs, this.record.containerId);
    this.record = { ...this.record, phase: { is: 'terminated', state }, ready: false, started: false };
    this.#process = undefined;
    return state;
  }

  /** The pod was told to end while this container was being prepared. */
  #neverStarted(): TerminatedState {
    const state = terminatedState({ exitCode: 137 }, Date.now(), this.record.containerId);
    this.record = { ...this.record, phase: { is: 'terminated', state } };
    return state;
  }

  /** SIGTERM now, SIGKILL when the grace period is over. */
  stop(graceMs: number): void {
    if (graceMs <= 0) {
      this.kill();
      return;
    }
    this.#probes?.stop();
    this.#process?.signal('SIGTERM');
    this.#endSimulation?.({ exitCode: 0 });
    this.#host.delays.at(Date.now() + graceMs, () => this.kill());
  }

  kill(): void {
    this.#process?.signal('SIGKILL');
    this.#endSimulation?.({ exitCode: 137, signal: 9 });
  }

  wait(reason: string, message: string): void {
    const { phase } = this.record;
    const last = phase.is === 'terminated' ? { last: phase.state } : {};
    this.record = { ...this.record, ...last, phase: { is: 'waiting', reason, message }, ready: false, started: false };
    this.#host.changed();
  }

  #spawn(command: string[], { root, log, id, terminal }: RunPlace): Promise<ProcessEnd> {
    const [file = ''] = command;
    const { spec } = this;
    const mounts = this.#host.mounts(spec);
    const env = this.#env;
    const cwd = this.#cwd;
    this.#mounted = mounts.length > 0;
    const problem = startProblem(file, env['PATH'], cwd, mounts);
    if (problem !== undefined) return Promise.resolve({ exitCode: 128, startError: startError(file, problem) });
    const real = this.#mounted ? mountedCommand(command, root, cwd, mounts) : command;
    const start = { command: real, env, cwd, onExit: () => this.#host.sweep(id) };
    // Where there are no terminals, a container that wants one has pipes.
    const child: RunningContainer =
      terminal === undefined
        ? new ContainerProcess({ ...start, mounts: this.#mounted, stdin: spec.stdin === true })
        : containerOnTerminal((what) => terminal.start(what), start);
    this.#process = child;
    const { pid, stdout, stderr } = child;
    if (pid !== undefined) {
      this.#host.guardian.add(pid);
      const tap: Tap = (stream, bytes) => this.#attachments.write(stream, bytes);
      this.#captured = Promise.all([
        stdout === null ? undefined : log.capture(stdout, 'stdout', tap),
        stderr === null ? undefined : log.capture(stderr, 'stderr', tap),
      ]);
      void child.ended.then(() => this.#host.guardian.remove(pid));
    }
    return child.ended;
  }

  #simulate(container: Container, log: ContainerLog): Promise<ProcessEnd> {
    const image = container.image ?? 'unnamed';
    log.write(
      `[skyflow] container ${container.name} names no command; what image ${image} would run is not on this machine.`,
      'stdout',
    );
    log.write('[skyflow] It is simulated: it counts as running and ready, and does nothing.', 'stdout');
    const { runMs, exitCode } = this.#host.simulatedRun();
    return new Promise((resolve) => {
      this.#endSimulation = (end) => {
        this.#endSimulation = undefined;
        resolve(end);
      };
      if (runMs !== undefined) this.#host.delays.at(Date.now() + runMs, () => this.#endSimulation?.({ exitCode }));
    });
  }

  #announceStart(probed: boolean): void {
    const { container } = this.record;
    this.#host.say({ type: 'Normal', reason: 'Started', message: 'Container started' }, container);
    if (!probed) {
      this.record = { ...this.record, ready: true, started: true };
      this.#host.changed();
      return;
    }
    const target = { container, podIP: this.#host.podIP, place: this.place };
    this.#probes = new ProbeLoop(this.#host.delays, target, {
      started: () => this.#set({ started: true }),
      ready: (ready) => this.#set({ ready }),
      failed: (probe, problem) =>
        this.#host.say(
          { type: 'Warning', reason: 'Unhealthy', message: `${probe} probe failed: ${problem}` },
          container,
        ),
      unhealthy: (probe) => {
        const message = `Container ${container.name} failed ${probe.toLowerCase()} probe, will be restarted`;
        this.#host.say({ type: 'Normal', reason: 'Killing', message }, container);
        this.stop(30_000);
      },
    });
    this.#probes.start();
    this.#host.changed();
  }

  #set(change: { ready?: boolean; started?: boolean }): void {
    if (!this.running) return;
    this.record = { ...this.record, ...change };
    this.#host.changed();
  }
}

function terminatedState(end: ProcessEnd, startedAtMs: number, containerID: string | undefined): TerminatedState {
  return {
    exitCode: end.exitCode,
    ...(end.signal === undefined ? {} : { signal: end.signal }),
    reason: end.startError !== undefined ? 'StartError' : end.exitCode === 0 ? 'Completed' : 'Error',
    ...(end.startError === undefined ? {} : { message: end.startError }),
    startedAt: timestamp(startedAtMs),
    finishedAt: timestamp(Date.now()),
    ...(containerID === undefined ? {} : { containerID }),
  };
}
