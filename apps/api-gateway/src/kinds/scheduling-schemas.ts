/** Schemas of queues, and of what a workload says about waiting. */
import type { Schema } from '@skyflow/contracts';

const text = (description: string): Schema => ({ type: 'string', description });
const number = (description: string): Schema => ({ type: 'number', minimum: 0, description });
const amounts = (description: string): Schema => ({
  type: 'object',
  description,
  additionalProperties: { type: 'number' },
});
const quantity = (description: string): Schema => ({ 'x-kubernetes-int-or-string': true, description });
const choice = (description: string, values: readonly string[]): Schema => ({
  type: 'string',
  description,
  enum: [...values],
});

/** Fields of a workload's spec beside placement. */
export const schedulingFields: Record<string, Schema> = {
  queue: text('The queue that it waits in. Absent: default.'),
  gang: {
    type: 'object',
    description: 'Replicas that are placed all or not at all: those of this workload, or of all workloads of one name.',
    properties: {
      name: text('Workloads of the namespace with the same name are one gang. Absent: this workload alone.'),
      size: { type: 'integer', format: 'int32', minimum: 1, maximum: 256, description: 'Workloads that the gang has.' },
      within: choice('Cluster: all on one cluster. Fleet: over several if need be.', ['Cluster', 'Fleet']),
    },
  },
  waiting: {
    type: 'object',
    description: 'How long it would rather wait for a cluster without a price than pay for one that has one.',
    required: ['policy'],
    properties: {
      policy: choice('What the time follows from.', ['Constant', 'RunTime', 'Resource', 'Compute']),
      seconds: number('Constant: the time. Resource: for each unit of the resource.'),
      factor: number('RunTime, Compute: times the expected run time.'),
      resource: text('Resource, Compute: what is counted. Absent: cpu, in cores.'),
      maxSeconds: number('Never longer than this.'),
    },
  },
  expectedRunSeconds: number('How long its pods are expected to run. Absent: activeDeadlineSeconds.'),
};

/** The same fields as an object of their own: what native kinds carry in an annotation. */
export const schedulingSchema: Schema = { type: 'object', properties: schedulingFields };

/** Prices of a cluster. */
export const pricesSchema: Schema = {
  type: 'object',
  description:
    'What an hour costs: of a core, of a GiB of memory, of one piece of anything else. A cluster without prices is used first.',
  additionalProperties: { type: 'number', minimum: 0 },
};

/** `status.queue` of a workload. */
export const workloadQueueSchema: Schema = {
  type: 'object',
  description: 'Where it waits.',
  properties: {
    name: text('The queue.'),
    priority: { type: 'integer', description: 'Value of its priority class.' },
    place: { type: 'integer', description: 'Its place among those that wait: 1 is first.' },
    of: { type: 'integer', description: 'How many wait in the queue.' },
  },
};

export const queueSpec: Schema = {
  type: 'object',
  description: 'What the queue is entitled to.',
  properties: {
    weight: number('Share of this queue among its siblings, relative to theirs. Absent: 1.'),
    parent: text('The queue that it belongs to.'),
    quotas: {
      type: 'array',
      description: 'What it may use, by resource. A resource that no queue of the tree names is not limited.',
      items: {
        type: 'object',
        required: ['resource', 'nominal'],
        properties: {
          resource: text('cpu, memory, nvidia.com/gpu, …'),
          nominal: quantity('What it is sure of.'),
          borrowingLimit: quantity('Most that it may use beyond it. Absent: what others lend.'),
          lendingLimit: quantity('Most that others may use of what it leaves. Absent: all of it.'),
        },
      },
    },
    preemption: {
      type: 'object',
      description: 'Whom its workloads may displace.',
      properties: {
        withinQueue: choice('In this queue. Absent: LowerPriority.', ['LowerPriority', 'Never']),
        reclaim: choice('In other queues that use more than they are sure of. Absent: LowerPriority.', [
          'Never',
          'LowerPriority',
          'Any',
        ]),
      },
    },
  },
};

export const queueStatus: Schema = {
  type: 'object',
  description: 'What the queue and those below it use; made from the log.',
  properties: {
    used: amounts('What their workloads hold; cpu in millicores, memory in bytes, others as counts.'),
    borrowed: amounts('Of it, what is beyond the nominal quota.'),
    admitted: { type: 'integer', description: 'Workloads with all their replicas placed.' },
    waiting: { type: 'integer', description: 'Workloads with replicas that wait.' },
    oldestWaitingSince: text('Since when the oldest of them waits.'),
  },
};
