/**
 * The provisioner while it holds the lease: asks the state machine what is to be done, carries it out, appends what came of it.
 *
 * Level-triggered: whatever was begun and not ended, by us or by one before us, the state machine says again. What belongs to different keys
 * goes on side by side; of one key only one thing at a time. Ends with an error when a newer epoch has started.
 */
import {
  type Intent,
  type Pace,
  type ProvisionedCluster,
  type ProvisioningState,
  type Step,
  decideSteps,
  react,
} from '@skyflow/domain';
import { WakeUp, type DeciderParts, type ServiceContext } from '@skyflow/service';
import { type Span, followSpan, inSpan } from '@skyflow/telemetry';
import type { AgentFiles } from './agent-files.js';
import type { BuiltFile } from './built-file.js';
import type { Effects } from './effects.js';
import { NewerEpochError, appendDecided } from './own-entries.js';

export interface ActiveProvisionerOptions extends Pick<DeciderParts<ProvisioningState>, 'projection' | 'writer'> {
  context: Pick<ServiceContext, 'logger' | 'metrics'>;
  effects: Effects;
  agentFiles: AgentFiles;
  builtFile: BuiltFile;
  pace: Pace;
  /** Pause after something that could not be told of yet, or that another machine must do. */
  lookMs: number;
  /** Of the lease under which it decides. */
  epoch: number;
}

const LONGEST_SLEEP_MS = 60_000;

interface Work {
  intent: Intent;
  stop: AbortController;
  done: Promise<void>;
}

export class ActiveProvisioner {
  private readonly wake = new WakeUp();
  private readonly works = new Map<string, Work>();
  /** By key: not before this time, ms. */
  private readonly resting = new Map<string, number>();
  private failed: Error | undefined;

  constructor(private readonly options: ActiveProvisionerOptions) {}

  /** Resolves when the signal aborts; rejects when a newer epoch has started or the log refuses. */
  async run(signal: AbortSignal): Promise<void> {
    const { projection, agentFiles } = this.options;
    const stopListening = projection.onBatch(() => this.wake.call());
    try {
      while (!signal.aborted) {
        await agentFiles.sync(projection.state);
        await this.options.builtFile.sync(projection.state);
        const wakeAtMs = this.startWhatIsDue(signal);
        if (this.failed !== undefined) throw this.failed;
        const timer = setTimeout(
          () => this.wake.call(),
          Math.max(0, Math.min(wakeAtMs - Date.now(), LONGEST_SLEEP_MS)),
        );
        await this.wake.sleep(signal);
        clearTimeout(timer);
      }
    } finally {
      stopListening();
      for (const { stop } of this.works.values()) stop.abort();
      await Promise.all([...this.works.values()].map(({ done }) => done));
    }
  }

  /** When to look again though nothing has happened, ms since the epoch. */
  private startWhatIsDue(signal: AbortSignal): number {
    const { projection, pace } = this.options;
    const nowMs = Date.now();
    let wakeAtMs = Number.POSITIVE_INFINITY;
    for (const cluster of projection.state.clusters.values()) {
      this.stopWhatIsOver(cluster);
      const reaction = react(projection.state, cluster, nowMs, pace);
      wakeAtMs = Math.min(wakeAtMs, reaction.wakeAtMs ?? Number.POSITIVE_INFINITY);
      for (const intent of reaction.intents) {
        if (this.works.has(intent.key)) continue;
        const restsUntilMs = this.resting.get(intent.key) ?? 0;
        if (restsUntilMs > nowMs) wakeAtMs = Math.min(wakeAtMs, restsUntilMs);
        else this.start(cluster, intent, signal);
      }
    }
    return wakeAtMs;
  }

  /** A cluster that is to be deleted is not built on, and a machine that is to go is not waited for until it has booted. */
  private stopWhatIsOver(cluster: ProvisionedCluster): void {
    for (const { name, phase } of cluster.machines.values()) {
      const work = this.works.get(`${cluster.ref.uid}/${name}`);
      if (work?.intent.do === 'prepareMachine' && phase === 'Deleting') work.stop.abort();
    }
    if (cluster.deletion === undefined || cluster.phase === 'Removing') return;
    const work = this.works.get(cluster.ref.uid);
    const { intent } = work ?? {};
    const isRemoval = intent?.do === 'run' && intent.command === 'remove';
    if (intent?.do === 'verify' || (intent?.do === 'run' && !isRemoval)) work?.stop.abort();
  }

  private start(cluster: ProvisionedCluster, intent: Intent, signal: AbortSignal): void {
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    const span = spanOf(cluster, intent);
    const done = inSpan(span, () => this.carryOut(cluster, intent, span, both)).finally(() => {
      this.works.delete(intent.key);
      this.wake.call();
    });
    this.works.set(intent.key, { intent, stop, done });
  }

  private async carryOut(cluster: ProvisionedCluster, intent: Intent, span: Span, signal: AbortSignal): Promise<void> {
    const { logger } = this.options.context;
    const { uid, name } = cluster.ref;
    const append = (...steps: Step[]): Promise<void> => this.append(uid, steps);
    try {
      const { state } = this.options.projection;
      // The fold goes on while this is done: what it works on stays as it was.
      const steps = await this.options.context.metrics.operation(
        nameOf(intent),
        () => this.options.effects.carryOut(state, structuredClone(cluster), intent, append, signal),
        { signal, judge: judgeSteps },
      );
      for (const { step } of steps) {
        if ('failure' in step && step.failure !== undefined) span.fail(new Error(step.failure.message));
      }
      if (steps.length === 0) this.resting.set(intent.key, Date.now() + this.options.lookMs);
      else {
        this.resting.delete(intent.key);
        await append(...steps);
      }
    } catch (error) {
      if (error instanceof NewerEpochError) this.failed = error;
      // As if we had been killed here: the state machine says again what is to be done.
      else if (!signal.aborted) {
        span.fail(error);
        logger.error({ err: error, cluster: name, intent: intent.do }, 'could not be carried out');
      }
      this.resting.set(intent.key, Date.now() + this.options.lookMs);
    }
  }

  /** Resolves when it is in the log and folded. */
  private async append(uid: string, steps: readonly Step[]): Promise<void> {
    await appendDecided(this.options, ({ clusters }, nowMs) => {
      const cluster = clusters.get(uid);
      return cluster === undefined ? [] : decideSteps(cluster, steps, this.options.epoch, nowMs);
    });
  }
}

/** In the trace of who asked for it, a span for each thing that is done. */
const spanOf = ({ ref, origin }: ProvisionedCluster, intent: Intent): Span =>
  followSpan(nameOf(intent), origin.trace, {
    attributes: {
      'skyflow.object.kind': ref.kind,
      'skyflow.object.name': ref.name,
      ...('machine' in intent ? { 'skyflow.machine': intent.machine } : {}),
    },
  });

const nameOf = (intent: Intent): string => (intent.do === 'run' ? `run ${intent.command}` : inWords(intent.do));

/** No steps: it could not be done yet, or another machine does it. */
function judgeSteps(steps: readonly Step[]): 'done' | 'nothing' | { error: string } {
  for (const { step } of steps) {
    if ('failure' in step && step.failure !== undefined) return { error: step.failure.class };
  }
  return steps.length === 0 ? 'nothing' : 'done';
}

/** `createMachine` → `create machine`. */
const inWords = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
