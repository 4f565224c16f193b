/**
 * A user who keeps a number of jobs in flight: some run for ever, some end, some are deleted again. What was acknowledged is
 * remembered, and nothing else.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Skyflow } from '../fixture/skyflow.js';
import type { Random } from '@skyflow/faults';

export interface Submitted {
  uid: string;
  replicas: number;
  /** Its pods run to completion. */
  ends: boolean;
}

const JOBS = '/apis/skyflow.io/v1/namespaces/default/jobs';
const ACKNOWLEDGED_WITHIN_MS = 60_000;
const RETRY_MS = 200;

export class Submissions {
  /** By name: acknowledged, and not acknowledged as deleted. */
  readonly ledger = new Map<string, Submitted>();
  /** By name: their deletion was acknowledged. */
  readonly deleted = new Set<string>();
  private count = 0;

  constructor(
    private readonly skyflow: Skyflow,
    private readonly random: Random,
    private readonly prefix: string,
  ) {}

  /** Fills up to `wanted`, then deletes one and submits another, until `signal`. */
  async keep(wanted: number, pauseMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.ledger.size >= wanted) {
        await this.remove();
        await pause(pauseMs);
      }
      await this.submit();
    }
  }

  private async submit(): Promise<void> {
    const name = `${this.prefix}-${String(this.count).padStart(4, '0')}`;
    this.count += 1;
    const replicas = this.random.between(1, 2);
    const ends = this.random.next() < 0.4;
    const annotations = ends ? { 'embedded.skyflow.io/run-seconds': String(this.random.between(1, 60)) } : {};
    const body = JSON.stringify({
      apiVersion: 'skyflow.io/v1',
      kind: 'Job',
      metadata: { name },
      spec: {
        replicas,
        template: {
          metadata: { annotations },
          spec: {
            restartPolicy: ends ? 'Never' : 'Always',
            containers: [{ name: 'main', image: 'example.com/simulated', resources: { requests: { cpu: '5m' } } }],
          },
        },
      },
    });
    const { body: job } = await this.acknowledged(name, { path: JOBS, method: 'POST', body, key: name }, [201]);
    this.ledger.set(name, { uid: (job as { metadata: { uid: string } }).metadata.uid, replicas, ends });
  }

  private async remove(): Promise<void> {
    const name = this.random.pick([...this.ledger.keys()]);
    // Gone already is what was wanted: an earlier try was carried out, and its answer lost.
    await this.acknowledged(name, { path: `${JOBS}/${name}`, method: 'DELETE' }, [200, 202, 404]);
    this.ledger.delete(name);
    this.deleted.add(name);
  }

  /** Tries until it is acknowledged; the idempotency key makes a repeated create the same one. */
  private async acknowledged(
    name: string,
    request: { path: string; method: string; body?: string; key?: string },
    codes: readonly number[],
  ): Promise<{ body: unknown }> {
    const { path, method, body, key } = request;
    const end = performance.now() + ACKNOWLEDGED_WITHIN_MS;
    for (;;) {
      const answer = await this.skyflow
        .api(path, {
          method,
          ...(body === undefined ? {} : { body }),
          ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
          signal: AbortSignal.timeout(10_000),
        })
        .catch((error: unknown) => ({ code: 0, body: String(error) }));
      if (codes.includes(answer.code)) return answer;
      const words = `${method} ${name}: ${answer.code} ${JSON.stringify(answer.body)}`;
      if (answer.code >= 400 && answer.code < 500 && answer.code !== 429) throw new Error(words);
      if (performance.now() > end) throw new Error(`not acknowledged in ${ACKNOWLEDGED_WITHIN_MS} ms: ${words}`);
      await pause(RETRY_MS);
    }
  }
}
