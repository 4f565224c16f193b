/**
 * Rancher Kubernetes Engine v1.5. Each run works on a private copy of the state that was in escrow; a state whose authority is another than
 * before is never given on. RKE1 is past its end of life (31 July 2025): it is built because it was asked for.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DriverCommand, ProvisionFailure } from '@skyflow/contracts';
import { sha256 } from '../../escrow/escrow-keys.js';
import { ProvisionError } from '../../provision-error.js';
import type { ClusterDriver, DriverCluster, InitialState, LeftRun, RunOptions, RunResult } from '../cluster-driver.js';
import { endLeftProcess, type ProcessEnd, runProcess } from '../own-process.js';
import { writeFileDurably } from '../write-file.js';
import {
  type RkeLine,
  failureOfRun,
  isDone,
  readRkeLine,
  skippedHosts,
  stageOf,
  warningsIn,
  withoutKeys,
} from './log-lines.js';
import { renderClusterYml } from './render-cluster-yml.js';
import { findRke, type RkeSource } from './rke-binary.js';
import { readState, withoutCurrent } from './state-file.js';

export interface RkeDriverOptions {
  /** Folder of workdirs. */
  home: string;
  source: RkeSource;
  stallMs: number;
  totalMs: number;
}

const CONFIG = 'cluster.yml';
const STATE = 'cluster.rkestate';
const KUBECONFIG = 'kube_config_cluster.yml';
/** RKE overwrites what cluster.yml says of it with this flag (rke#2378). */
const ANY_DOCKER = '--ignore-docker-version';

export class RkeDriver implements ClusterDriver {
  readonly name = 'rke';
  readonly needsDocker = true;

  constructor(private readonly options: RkeDriverOptions) {}

  async check(cluster: DriverCluster): Promise<void> {
    renderClusterYml(cluster);
    await findRke(this.options.source);
  }

  fingerprintOf(state: string): string | undefined {
    return readState(state)?.caFingerprint;
  }

  configSha256(cluster: DriverCluster): string {
    return sha256(renderClusterYml(cluster));
  }

  /** A state file of no bytes is no state, and yet there: RKE does not ask the hosts then whether they are an older cluster. */
  async initialise(cluster: DriverCluster): Promise<InitialState> {
    const program = await findRke(this.options.source);
    const config = renderClusterYml(cluster);
    const folder = await this.freshFolder(cluster.uid, 'init');
    await writeFile(join(folder, CONFIG), config, { mode: 0o600 });
    await writeFile(join(folder, STATE), '', { mode: 0o600 });
    const lines: RkeLine[] = [];
    const end = await runProcess({
      folder,
      program,
      args: ['up', '--init', '--config', CONFIG, ANY_DOCKER],
      stallMs: this.options.stallMs,
      totalMs: this.options.totalMs,
      signal: new AbortController().signal,
      onLines: (texts) => lines.push(...texts.map(readRkeLine)),
    });
    if (!('code' in end) || end.code !== 0) throw asError(failureOfRun(lines));
    const state = await readFile(join(folder, STATE), 'utf8');
    const read = readState(state);
    if (read?.kubeconfig === undefined) {
      throw new ProvisionError('unknown', 'rke up --init wrote no usable state', 'look at the log of the provisioner');
    }
    await rm(folder, { recursive: true, force: true });
    return { state, kubeconfig: read.kubeconfig, caFingerprint: read.caFingerprint, configSha256: sha256(config) };
  }

  async run(cluster: DriverCluster, options: RunOptions): Promise<RunResult> {
    const program = await findRke(this.options.source);
    const before = readState(options.state);
    if (before === undefined) throw new Error('the state in escrow is no state of RKE');
    const folder = await this.freshFolder(cluster.uid, `run-${String(options.run)}`);
    const given = options.recovery ? withoutCurrent(options.state) : options.state;
    await writeFile(join(folder, CONFIG), renderClusterYml(cluster), { mode: 0o600 });
    await writeFileDurably(join(folder, STATE), given);
    const lines: RkeLine[] = [];
    const watch = new StateWatch(folder, given, before.caFingerprint, options.onState);
    let watching = Promise.resolve();
    const end = await runProcess({
      folder,
      program,
      args: [...argumentsOf(options), '--config', CONFIG, ANY_DOCKER],
      stallMs: this.options.stallMs,
      totalMs: this.options.totalMs,
      signal: options.signal,
      onLines: (texts) => {
        const read = texts.map(readRkeLine);
        lines.push(...read);
        options.onLines(texts.map(withoutKeys));
        const stage = read.map(stageOf).findLast((each) => each !== undefined);
        if (stage !== undefined) options.onStage(stage);
        watching = watching.then(() => watch.look());
      },
    });
    await watching;
    await watch.look();
    return { ...resultOf(options.command, end, lines, watch), ...(await this.left(folder, watch)) };
  }

  async endRun(uid: string, run: number, command: DriverCommand): Promise<LeftRun> {
    const folder = this.folderOf(uid, `run-${String(run)}`);
    if (!existsSync(folder)) return { isDone: false };
    const lines = (await endLeftProcess(folder)).map(readRkeLine);
    const file = join(folder, STATE);
    const state = existsSync(file) ? await readFile(file, 'utf8') : '';
    const stage = lines.map(stageOf).findLast((each) => each !== undefined);
    return {
      isDone: isDone(command, lines),
      ...(readState(state) === undefined ? {} : { state }),
      ...(stage === undefined ? {} : { stage }),
    };
  }

  async forget(uid: string): Promise<void> {
    await rm(join(this.options.home, uid), { recursive: true, force: true });
  }

  private async left(folder: string, watch: StateWatch): Promise<Pick<RunResult, 'state' | 'kubeconfig'>> {
    const file = join(folder, KUBECONFIG);
    const inState = watch.latest === undefined ? undefined : readState(watch.latest)?.kubeconfig;
    const kubeconfig = existsSync(file) ? await readFile(file, 'utf8') : inState;
    return {
      ...(watch.latest === undefined ? {} : { state: watch.latest }),
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
    };
  }

  /** Whatever an earlier try has left in it is ended and gone. */
  private async freshFolder(uid: string, name: string): Promise<string> {
    const folder = this.folderOf(uid, name);
    if (existsSync(folder)) await endLeftProcess(folder);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  private folderOf(uid: string, name: string): string {
    return join(this.options.home, uid, name);
  }
}

/** rancher/rke v1.5.12, cmd/cert.go and cmd/etcd.go. */
function argumentsOf({ command, snapshot = '' }: RunOptions): string[] {
  switch (command) {
    case 'up':
      return ['up'];
    case 'remove':
      return ['remove', '--force'];
    case 'rotateCertificates':
      return ['cert', 'rotate'];
    case 'snapshot':
      return ['etcd', 'snapshot-save', '--name', snapshot];
    case 'restore':
      return ['etcd', 'snapshot-restore', '--name', snapshot];
  }
}

/** Looks at the state file while RKE runs: what is whole and of the same authority is told. */
class StateWatch {
  latest: string | undefined;
  /** RKE has written another authority: what it does from then on must not go on. */
  isForeign = false;
  private seen: string;

  constructor(
    private readonly folder: string,
    given: string,
    private readonly authority: string,
    private readonly onState: (state: string) => void,
  ) {
    this.seen = given;
  }

  async look(): Promise<void> {
    const file = join(this.folder, STATE);
    if (!existsSync(file)) return;
    const text = await readFile(file, 'utf8');
    if (text === this.seen) return;
    const state = readState(text);
    if (state === undefined) return;
    this.seen = text;
    if (state.caFingerprint !== this.authority) {
      this.isForeign = true;
      return;
    }
    this.latest = text;
    this.onState(text);
  }
}

function resultOf(
  command: DriverCommand,
  end: ProcessEnd,
  lines: readonly RkeLine[],
  { isForeign }: StateWatch,
): Omit<RunResult, 'state' | 'kubeconfig'> {
  const hosts = skippedHosts(lines);
  const warnings = warningsIn(lines);
  if (isForeign) return { outcome: 'Failed', hosts, warnings, failure: FOREIGN };
  if ('ended' in end) {
    const failure = ENDED[end.ended];
    const last = lines.at(-1)?.message;
    return {
      outcome: end.ended === 'aborted' ? 'Unknown' : 'Failed',
      hosts,
      warnings,
      failure: { ...failure, ...(last === undefined ? {} : { line: last }) },
    };
  }
  if (end.code === 0 && isDone(command, lines)) return { outcome: 'Done', hosts, warnings };
  const failure = failureOfRun(lines);
  return { outcome: hosts.length > 0 ? 'Partial' : 'Failed', hosts, warnings, failure };
}

const FOREIGN: ProvisionFailure = {
  class: 'dangerous',
  message: 'rke wrote a state with another certificate authority',
  advice:
    'nothing is done until you decide: the sealed copy is that of the hosts; delete the cluster, or pause it and look',
};

const ENDED: Record<'stalled' | 'overdue' | 'aborted', ProvisionFailure> = {
  stalled: {
    class: 'stalled',
    message: 'rke printed nothing for too long and was ended',
    advice: 'look at the last line of the build log, and at the hosts it names',
  },
  overdue: {
    class: 'stalled',
    message: 'rke took too long and was ended',
    advice: 'look at the last lines of the build log; slow image pulls are the usual reason',
  },
  aborted: {
    class: 'interrupted',
    message: 'rke was ended, as it was asked to stop',
    advice: 'nothing: it goes on by itself',
  },
};

function asError({ class: cause, message, line, advice }: ProvisionFailure): ProvisionError {
  return new ProvisionError(cause, message, advice, line === undefined ? {} : { line });
}
