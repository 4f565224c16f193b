/**
 * Finds a pod for a new connection. Until the peer has said OK nothing of the client has been sent, so a refusal can be retried: a pod that is
 * gone is replaced by any pod of the same service at the peer, and a session that is lost is awaited. Without this a client is reset while
 * kube-proxy still has the address of a removed pod, or while the gateway of the peer restarts.
 */
import { randomInt } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { GatewayListener } from '@skyflow/contracts';
import type { PeerLink } from '../peers/peer-link.js';
import { ANY_POD, type Carriage } from '../route.js';
import { openRoute, RouteRefusedError } from './open-route.js';

export interface RouteSearch {
  /** To the peer of the listener, as it is now. */
  link: () => PeerLink | undefined;
  listener: GatewayListener;
  client?: string | undefined;
  /** Whether the client has closed its connection. */
  isGone: () => boolean;
  answerMs: number;
  /** Longest wait for a session to the peer. */
  pathWaitMs: number;
}

/** Pods that are tried for one connection, at most: the one of the address, and two that the peer chooses. */
const MOST_PODS = 3;

/** @throws RouteRefusedError the last refusal, when no pod accepts or the peer is not reached within `pathWaitMs`. */
export async function findRoute(search: RouteSearch): Promise<Carriage> {
  const { link, listener, client, isGone, answerMs, pathWaitMs } = search;
  const until = performance.now() + pathWaitMs;
  let pod = listener.pods[randomInt(listener.pods.length)] ?? ANY_POD;
  for (let tried = 1; ;) {
    const peer = link();
    try {
      return await openRoute(peer, { listener, pod, client, answerMs });
    } catch (error) {
      if (!(error instanceof RouteRefusedError) || isGone()) throw error;
      if (error.verdict === 'NO_PATH') {
        if ((await peer?.whenUp(until - performance.now())) !== true || performance.now() > until) throw error;
        // A session that fails at once must not keep the event loop from closing it.
        await nextTurn();
      } else if ((error.verdict === 'NO_POD' || error.verdict === 'DIAL_FAIL') && tried < MOST_PODS) {
        tried += 1;
        pod = ANY_POD;
      } else throw error;
    }
  }
}
