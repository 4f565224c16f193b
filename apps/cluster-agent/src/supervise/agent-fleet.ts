/** Exactly one agent process per registered Cluster; a Cluster of the same name with another uid gets another agent. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Backoff } from '@skyflow/kube-client';
import type { Logger } from '@skyflow/service';
import { writePrivate } from '../credentials/credential-store.js';
import type { KubeconfigSource } from '../settings.js';
import { AgentProcess, type AgentState } from './agent-process.js';
import type { FoundContext } from './context-names.js';
import type { KnownCluster } from './supervisor-memory.js';

/** Both reject while the gateway is away. */
export interface FleetEnrolment {
  /** Whether what an agent has, in its folder, is still good. */
  isEnrolled: (directory: string) => Promise<boolean>;
  /** A join token for the agent of a cluster. */
  joinToken: (cluster: string) => Promise<string>;
}

export interface AgentFleetOptions {
  /** Each agent keeps its state in a folder here. */
  home: string;
  sources: readonly KubeconfigSource[];
  contexts: () => readonly FoundContext[];
  /** What every agent is given. */
  environment: Record<string, string>;
  /** Absent: agents do not enrol. */
  enrolment?: FleetEnrolment;
  logger: Logger;
  /** The program; for tests. */
  program?: string;
}

const JOIN_TOKEN_FILE = 'join.token';
const ENROL_RETRY = { baseMs: 200, capMs: 5_000 };

export class AgentFleet {
  /** By uid of the Cluster. */
  private readonly agents = new Map<string, { agent: AgentProcess; made: string }>();
  private readonly leaving = new Set<Promise<void>>();
  private readonly stopping = new AbortController();

  constructor(private readonly options: AgentFleetOptions) {}

  get states(): AgentState[] {
    return [...this.agents.values()].map(({ agent }) => agent.state);
  }

  /** Starts what is missing, stops what has no Cluster any more, starts anew what runs with other settings. */
  update(clusters: readonly KnownCluster[]): void {
    if (this.stopping.signal.aborted) return;
    const wanted = new Map(clusters.map((cluster) => [cluster.uid, cluster]));
    for (const [uid, { agent }] of this.agents) {
      if (wanted.has(uid)) continue;
      this.agents.delete(uid);
      // The Cluster is gone, so its share of everything is: nothing of what the agent kept is of use.
      this.leave(
        agent.stop().then(() => rm(this.directory(agent.spec.cluster, uid), { recursive: true, force: true })),
      );
    }
    for (const cluster of wanted.values()) {
      const environment = this.environmentOf(cluster);
      const made = JSON.stringify(environment);
      const before = this.agents.get(cluster.uid);
      if (before?.made === made) continue;
      const agent = new AgentProcess({ cluster: cluster.name, environment }, this.options.logger, this.options.program);
      this.agents.set(cluster.uid, { agent, made });
      void this.letEnrol(cluster);
      if (before === undefined) agent.start();
      else this.leave(before.agent.stop().then(() => agent.start()));
    }
  }

  /** Resolves when every agent is gone. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all([...[...this.agents.values()].map(({ agent }) => agent.stop()), ...this.leaving]);
  }

  /** An agent that is not let in yet gets a join token into its folder, and meanwhile is started. */
  private async letEnrol({ name, uid }: KnownCluster): Promise<void> {
    const { enrolment, logger } = this.options;
    if (enrolment === undefined) return;
    const directory = this.directory(name, uid);
    const backoff = new Backoff(ENROL_RETRY);
    while (!this.stopping.signal.aborted && this.agents.has(uid)) {
      try {
        if (await enrolment.isEnrolled(directory)) return;
        await writePrivate(directory, JOIN_TOKEN_FILE, await enrolment.joinToken(name));
        return;
      } catch (error) {
        logger.warn({ cluster: name, detail: (error as Error).message }, 'no join token for an agent yet');
        await backoff.pause(this.stopping.signal);
      }
    }
  }

  private leave(work: Promise<void>): void {
    const guarded = work.catch((error: unknown) => {
      this.options.logger.warn({ err: error }, 'what an agent left could not be tidied up');
    });
    this.leaving.add(guarded);
    void guarded.finally(() => this.leaving.delete(guarded));
  }

  private environmentOf({ name, uid, context, kubeconfig }: KnownCluster): Record<string, string> {
    return {
      ...this.options.environment,
      SKYFLOW_CLUSTER: name,
      SKYFLOW_CLUSTER_UID: uid,
      SKYFLOW_KUBECONFIG: kubeconfig ?? this.kubeconfigWith(context),
      SKYFLOW_KUBE_CONTEXT: context,
      SKYFLOW_HEALTH_PORT: '0',
      SKYFLOW_STATE_DIR: this.directory(name, uid),
      SKYFLOW_JOIN_TOKEN_FILE: join(this.directory(name, uid), JOIN_TOKEN_FILE),
      SKYFLOW_SNAPSHOT_DIR: '',
    };
  }

  /** A Cluster that a user registered by its context alone. If no file has it, the agent says so in the Cluster's status. */
  private kubeconfigWith(context: string): string {
    const found = this.options.contexts().find((one) => one.context === context);
    return found?.path ?? this.options.sources[0]?.path ?? '';
  }

  private directory(name: string, uid: string): string {
    return join(this.options.home, `${name}-${uid.slice(0, 8)}`);
  }
}
