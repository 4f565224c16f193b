/**
 * A long log in little time: the lives of jobs one after the other as agents and deciders tell them, a message each, published many at a
 * time without asking for each whether it is stored. Its chains and sequences are those of a log that services wrote.
 */
import type { NatsConnection } from '@nats-io/transport-node';
import { commandSubject, decisionSubject, observationSubject, type RawEntry, workSubject } from '@skyflow/contracts';
import { encodeCommit, hashOf } from '@skyflow/event-log';
import { jobBody } from './jobs.js';

export interface LongLog {
  messages: number;
  /** Jobs that are there at the same time, once there are so many. */
  live: number;
}

/** The server drops what is published beyond some 10,000 messages that it has not stored yet. */
const WINDOW = 2_000;
const ACK_WITHIN_MS = 30_000;
const CLUSTERS = 10;

/** @returns messages per second. The log must be empty. */
export async function fillLongLog(connection: NatsConnection, { messages, live }: LongLog): Promise<number> {
  const started = performance.now();
  const publisher = new Publisher(connection);
  await publisher.put(decisionSubject('scheduler'), 'EpochStarted', { epoch: 1, holder: 'bench' });
  for (let number = 0; publisher.stored < messages; number += 1) {
    for (const [subject, type, data] of beginning(number)) await publisher.put(subject, type, data);
    if (number < live) continue;
    for (const [subject, type, data] of end(number - live)) await publisher.put(subject, type, data);
  }
  while (!publisher.isWindowFull) await publisher.put(...observed(0, 'RUNNING', { ready: 1, running: 1 }));
  await publisher.flush();
  return publisher.stored / ((performance.now() - started) / 1_000);
}

type Told = readonly [subject: string, type: string, data: object];

const uidOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const clusterOf = (number: number): string => `cluster-${number % CLUSTERS}`;
const refOf = (number: number): object => ({
  ...{ kind: 'Job', namespace: 'default', name: `job-${number}`, uid: uidOf(number) },
});

function beginning(number: number): Told[] {
  const ref = refOf(number);
  const cluster = clusterOf(number);
  const body = jobBody(`job-${number}`, '1m') as { metadata: object };
  const metadata = {
    namespace: 'default',
    uid: uidOf(number),
    creationTimestamp: '2026-01-01T00:00:00Z',
    generation: 1,
  };
  const object = { ...body, metadata: { ...body.metadata, ...metadata } };
  const placement = { placements: [{ cluster, replicas: 1 }], unplaced: 0, basis: 1, code: 'bench', verdicts: [] };
  return [
    [commandSubject(), 'ObjectCreated', { object }],
    [decisionSubject('scheduler'), 'PlacementDecided', { epoch: 1, ref, generation: 1, ...placement }],
    [workSubject(cluster), 'WorkAssigned', { epoch: 1, decision: 1, generation: 1, replicas: 1, object }],
    observed(number, 'PENDING', { pending: 1 }),
    observed(number, 'RUNNING', { ready: 1, running: 1 }),
  ];
}

function end(number: number): Told[] {
  const ref = refOf(number);
  const cluster = clusterOf(number);
  return [
    observed(number, 'COMPLETED', { succeeded: 1 }),
    [commandSubject(), 'ObjectDeleted', { ref }],
    [workSubject(cluster), 'WorkWithdrawn', { epoch: 1, decision: 1, ref }],
    [observationSubject(cluster), 'WorkRemoved', { ref }],
    [decisionSubject('scheduler'), 'ObjectReleased', { epoch: 1, ref }],
  ];
}

function observed(number: number, phase: string, counts: object): Told {
  const none = { ready: 0, running: 0, pending: 0, succeeded: 0, failed: 0 };
  const isRunning = phase === 'RUNNING';
  const pod = { name: `job-${number}-x7k2p`, node: 'node-3', phase: isRunning ? 'Running' : 'Pending' };
  const pods = phase === 'COMPLETED' ? [] : [{ ...pod, containers: [{ name: 'main', ready: isRunning }] }];
  const data = { ref: refOf(number), generation: 1, epoch: 1, phase, replicas: 1, ...none, ...counts, pods };
  return [observationSubject(clusterOf(number)), 'WorkObserved', data];
}

class Publisher {
  /** Messages so far. */
  stored = 0;
  private readonly hashes = new Map<string, string>();
  private asked: Promise<void> = Promise.resolve();

  constructor(private readonly connection: NatsConnection) {}

  async put(subject: string, type: string, data: object): Promise<void> {
    const entry: RawEntry = { type, v: 1, at: Date.now(), actor: 'system:bench', corr: 'bench', data };
    const draft = { id: `bench-${this.stored}`, writer: 'bench/1', entries: [entry] };
    const bytes = encodeCommit(draft, this.hashes.get(subject) ?? '');
    this.hashes.set(subject, hashOf(bytes));
    this.stored += 1;
    if (this.stored % WINDOW !== 0) {
      this.connection.publish(subject, bytes);
      return;
    }
    // One window is under way while the next one is made.
    await this.asked;
    this.asked = this.acknowledged(subject, bytes, this.stored);
    this.asked.catch(() => undefined);
  }

  /** Resolves when the last window is stored. */
  flush(): Promise<void> {
    return this.asked;
  }

  get isWindowFull(): boolean {
    return this.stored % WINDOW === 0;
  }

  /** What was published before is stored when a message is, and nothing was dropped when its sequence is its number. */
  private async acknowledged(subject: string, bytes: Uint8Array, sequence: number): Promise<void> {
    const answer = await this.connection.request(subject, bytes, { timeout: ACK_WITHIN_MS });
    const { seq, error } = answer.json<{ seq?: number; error?: { description: string } }>();
    if (seq === sequence) return;
    const why = error?.description ?? 'others were dropped';
    throw new Error(`message ${sequence} of the long log was stored as ${seq ?? 'nothing'}: ${why}`);
  }
}
