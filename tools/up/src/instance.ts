/** The running processes of one instance: start, watch, stop in the reverse order, and a state file that is always true. */
import { isAbsolute } from 'node:path';
import type { Home } from './home.js';
import { ManagedProcess, type ProcessEvents, type ProcessSpec } from './managed-process.js';
import { removeState, writeState, type RunState } from './run-state.js';
import { notice } from './screen.js';

export class Instance implements ProcessEvents {
  private readonly processes: ManagedProcess[] = [];
  private readonly state: RunState;
  private ready = false;

  constructor(
    private readonly home: Home,
    httpPort: number,
    runnerMark: string,
  ) {
    this.state = { runnerPid: process.pid, runnerMark, httpPort, phase: 'starting', processes: {} };
    writeState(home, this.state);
  }

  start(spec: ProcessSpec): void {
    const managed = new ManagedProcess(spec, this);
    this.processes.push(managed);
    managed.start();
  }

  /** Sends a signal to a process, if it runs. */
  signal(name: string, signal: NodeJS.Signals): void {
    this.processes.find(({ spec }) => spec.name === name)?.signal(signal);
  }

  /** Name and process id of every process. */
  list(): { name: string; pid: number | undefined }[] {
    return this.processes.map(({ spec, pid }) => ({ name: spec.name, pid }));
  }

  setPhase(phase: RunState['phase'], message?: string): void {
    this.ready = phase === 'ready';
    this.state.phase = phase;
    if (message !== undefined) this.state.message = message;
    writeState(this.home, this.state);
  }

  /** The last started stops first: nats-server outlives everyone who may still have something to say. */
  async stop(): Promise<void> {
    this.setPhase('stopping');
    const [nats, ...services] = this.processes;
    await Promise.all(services.map((managed) => managed.stop()));
    await nats?.stop();
    removeState(this.home);
  }

  started(name: string, pid: number): void {
    const spec = this.processes.find((managed) => managed.spec.name === name)?.spec;
    this.state.processes[name] = { pid, mark: markOf(spec) ?? name };
    writeState(this.home, this.state);
    if (this.ready) notice(`${name} runs again (pid ${pid})`);
  }

  crashed(name: string, how: string, restartInMs: number, count: number): void {
    const log = this.processes.find((managed) => managed.spec.name === name)?.spec.logFile ?? '';
    notice(`${name} ended (${how}), ${ordinal(count)} time; it is started again in ${restartInMs} ms. Its log: ${log}`);
  }
}

/** The argument that tells this process from others: a path of this checkout or home. */
const markOf = (spec: ProcessSpec | undefined): string | undefined => spec?.args.find((arg) => isAbsolute(arg));

function ordinal(count: number): string {
  const suffix = count % 100 >= 11 && count % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th');
  return `${count}${suffix}`;
}
