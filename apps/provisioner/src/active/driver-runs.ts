/** Runs of a cluster's driver: what it prints becomes stages, build log and sealed copies of its state while it goes on. */
import type { ClusterStep } from '@skyflow/contracts';
import type { Intent, ProvisionedCluster, Step } from '@skyflow/domain';
import type { RunResult } from '../drivers/cluster-driver.js';
import { authorityFingerprint } from '../drivers/rke/state-file.js';
import { failureOf } from '../provision-error.js';
import { factsOf } from '../verify/verify-cluster.js';
import { driverCluster } from './driver-cluster.js';
import { type Append, type EffectsOptions, clusterDriverOf } from './effects-options.js';
import { escrowed } from './escrowed.js';
import { escrowName } from './escrow-name.js';
import { RunJournal } from './run-journal.js';

export class DriverRuns {
  constructor(private readonly options: EffectsOptions) {}

  /** The start is in the log before there is a process; what it comes to is told as it comes. */
  async run(
    cluster: ProvisionedCluster,
    { command, recovery }: Extract<Intent, { do: 'run' }>,
    append: Append,
    signal: AbortSignal,
  ): Promise<Step[]> {
    const { keys, host, runMs } = this.options;
    const clusterDriver = clusterDriverOf(this.options, cluster);
    const { state } = cluster.escrow;
    const { caFingerprint } = cluster;
    if (state === undefined || caFingerprint === undefined) throw new Error('no run without a sealed state');
    const text = keys().open(state, escrowName(cluster.ref.uid, 'state'));
    const seen = driverCluster(cluster, await this.options.machineKeys.fileOf(cluster));
    const run = cluster.runCount + 1;
    const operation = cluster.operation?.type ?? (command === 'remove' ? 'Delete' : 'Create');
    const started: ClusterStep = {
      type: 'RunStarted',
      run,
      operation,
      command,
      configSha256: clusterDriver.configSha256(seen),
      recovery,
      host,
      deadlineMs: Date.now() + runMs,
    };
    await append({ step: started });
    const journal = new RunJournal(run, append);
    let version = state.version;
    let result: RunResult;
    try {
      result = await clusterDriver.run(seen, {
        run,
        command,
        ...(cluster.operation?.snapshot === undefined ? {} : { snapshot: cluster.operation.snapshot }),
        recovery,
        state: text,
        signal,
        onLines: (lines) => journal.lines(lines),
        onStage: (stage) => journal.stage(stage),
        onState: (changed) => journal.step(escrowed(cluster, 'state', changed, caFingerprint, keys(), {}, ++version)),
      });
    } catch (error) {
      result = { outcome: 'Failed', hosts: [], warnings: [], failure: failureOf(error) };
    }
    await journal.close();
    return [...(await this.kubeconfigOf(cluster, result, caFingerprint)), { step: ended(run, result) }];
  }

  /** A run whose watcher is gone: ended if it is on this machine, and if not, waited for until it cannot run any more. */
  async recover(cluster: ProvisionedCluster): Promise<Step[]> {
    const { run, caFingerprint, escrow } = cluster;
    if (run === undefined) return [];
    if (run.host !== this.options.host) {
      if (Date.now() < run.deadlineMs) return [];
      return [{ step: { type: 'RunEnded', run: run.run, outcome: 'Unknown', failure: ELSEWHERE } }];
    }
    const driver = clusterDriverOf(this.options, cluster);
    const left = await driver.endRun(cluster.ref.uid, run.run, run.command);
    const steps: Step[] = [];
    if (left.stage !== undefined && left.stage !== run.stage) {
      steps.push({ step: { type: 'RunProgressed', run: run.run, stage: left.stage } });
    }
    const { state } = left;
    if (state !== undefined && caFingerprint !== undefined && escrow.state !== undefined) {
      const copy = escrowed(cluster, 'state', state, caFingerprint, this.options.keys());
      // Checked by who reads the state: the driver gives only what is whole; another authority is never kept.
      if (
        copy.type === 'Escrowed' &&
        copy.sha256 !== escrow.state.sha256 &&
        driver.fingerprintOf(state) === caFingerprint
      ) {
        steps.push({ step: copy });
      }
    }
    const end: ClusterStep = left.isDone
      ? { type: 'RunEnded', run: run.run, outcome: 'Done' }
      : { type: 'RunEnded', run: run.run, outcome: 'Unknown', failure: INTERRUPTED };
    return [...steps, { step: end }];
  }

  private async kubeconfigOf(
    cluster: ProvisionedCluster,
    { kubeconfig }: RunResult,
    caFingerprint: string,
  ): Promise<Step[]> {
    if (kubeconfig === undefined) return [];
    const { authority, endpoint } = await factsOf(kubeconfig);
    if (authorityFingerprint(authority) !== caFingerprint) return [];
    const copy = escrowed(cluster, 'kubeconfig', kubeconfig, caFingerprint, this.options.keys(), { endpoint });
    const isNew = copy.type === 'Escrowed' && copy.sha256 !== cluster.escrow.kubeconfig?.sha256;
    return isNew ? [{ step: copy }] : [];
  }
}

const ended = (run: number, { outcome, hosts, warnings, failure }: RunResult): ClusterStep => ({
  type: 'RunEnded',
  run,
  outcome,
  ...(hosts.length === 0 ? {} : { hosts }),
  ...(failure === undefined ? {} : { failure }),
  ...(warnings.length === 0 ? {} : { warnings }),
});

const INTERRUPTED = {
  class: 'interrupted',
  message: 'the provisioner was stopped while the driver was at work',
  advice: 'nothing: it goes on where it was',
} as const;

const ELSEWHERE = {
  class: 'interrupted',
  message: 'the driver was at work on another machine, which has not told of its end',
  advice: 'nothing: it goes on from the last sealed state',
} as const;
