/** Answers what would be built, with the offers of this moment. Nothing is made and nothing is written. */
import type { NatsConnection } from '@nats-io/transport-node';
import { type ClusterPlan, type PlanReply, type ProvisionSpec, planRequestSchema } from '@skyflow/contracts';
import { type ProvisionedCluster, type ProvisioningState, isOnDemand, requestedCluster } from '@skyflow/domain';
import type { Projection } from '@skyflow/event-log';
import type { Logger } from '@skyflow/service';
import type { Planned, Planning } from '../active/planning.js';
import { ProvisionError } from '../provision-error.js';
import { answerRequests } from '../requests/answer-requests.js';

/** How long the log is waited for; whoever asks has seen it already. */
const FOLD_WITHIN_MS = 3_000;
/** A cloud that is asked for its offers. */
const PLAN_WITHIN_MS = 50_000;
/** Of a cluster that is none yet. */
const NO_UID = 'dry-run-';

export class PlanServer implements Disposable {
  private readonly answering: Disposable;

  constructor(
    nats: NatsConnection,
    private readonly projection: Pick<Projection<ProvisioningState>, 'state' | 'waitFor'>,
    private readonly planning: Planning,
    private readonly logger: Logger,
  ) {
    this.answering = answerRequests(nats, 'plan', (text) => this.reply(text), logger);
  }

  [Symbol.dispose](): void {
    this.answering[Symbol.dispose]();
  }

  private async reply(text: string): Promise<PlanReply> {
    try {
      const parsed = planRequestSchema.safeParse(JSON.parse(text));
      if (!parsed.success) return { error: parsed.error.message, code: 400 };
      const { atLeastSeq, name, provision } = parsed.data;
      await this.projection.waitFor(atLeastSeq, { signal: AbortSignal.timeout(FOLD_WITHIN_MS) });
      const cluster = requestedCluster({ kind: 'Cluster', name, uid: NO_UID }, provision, Date.now());
      if (isOnDemand(cluster) && provision.cloud?.nodes === 0) cluster.wanted = atMost(provision);
      const step = await this.planning.plan(this.projection.state, cluster, AbortSignal.timeout(PLAN_WITHIN_MS));
      if (step.type === 'Planned') return { plan: planOf(step) };
      return refusal(step.failure);
    } catch (error) {
      if (error instanceof ProvisionError) return refusal(error.failure);
      this.logger.error({ err: error }, 'a plan could not be made');
      return { error: `the provisioner could not work it out: ${(error as Error).message}`, code: 500 };
    }
  }
}

/** Of a cluster that is built on demand, all that may ever be there. */
const atMost = ({ cloud }: ProvisionSpec): ProvisionedCluster['wanted'] => ({
  nodes: cloud?.autoscale?.maxNodes ?? 0,
  ...{ remove: [], reason: 'that is the most', atMs: 0 },
});

const refusal = ({ message, advice }: { message: string; advice: string }): PlanReply => ({
  error: `${message}; ${advice}`,
  code: 422,
});

function planOf({
  driver,
  kubernetesVersion,
  podCidr,
  serviceCidr,
  machines,
  offers = [],
  leftOut,
}: Extract<Planned, { type: 'Planned' }>): ClusterPlan {
  return {
    driver,
    ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }),
    ...{ podCidr, serviceCidr, offers },
    ...(leftOut === undefined ? {} : { leftOut }),
    machines: machines.map(({ name, driver: of, roles, host, offer }) => ({
      name: name.replace(NO_UID, '…'),
      driver: of,
      roles,
      ...(host === undefined ? {} : { host }),
      ...(offer === undefined ? {} : { region: offer.region, type: offer.type }),
      ...(offer?.zone === undefined ? {} : { zone: offer.zone }),
    })),
    hourly: machines.reduce((sum, { offer }) => sum + (offer?.hourly ?? 0), 0),
  };
}
