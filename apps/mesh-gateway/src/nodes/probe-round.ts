/** One round of a node probe: tries every cluster that it is told of, from where it runs. */
import type { NodeProbeConfig, NodeReport } from '@skyflow/contracts';
import { setTimeout as delay } from 'node:timers/promises';
import { reach } from '../peers/reach.js';

/** What is not reached so often in a row is not reached: one lost packet changes nothing. */
const TRIES = 3;
const AGAIN_MS = 300;

export async function probeRound({ peers, identity }: NodeProbeConfig, node: string): Promise<NodeReport> {
  const reaches = await Promise.all(
    peers.map(async (peer) => {
      const { cluster, inside } = peer;
      for (let tries = 1; ; tries += 1) {
        const { ok, message } = await reach(peer, inside, identity);
        if (ok || tries === TRIES) return { cluster, inside, ok, message };
        await delay(AGAIN_MS);
      }
    }),
  );
  return { node, reaches };
}
