/** Tells the gateway of one's own cluster what was found from a node. */
import { GATEWAY_NODE_PROTOCOL, type NodeProbeConfig, type NodeReport } from '@skyflow/contracts';
import { dialPeer } from '../peers/dial.js';
import { REPORT_TAKEN } from './node-book.js';

const WITHIN_MS = 5_000;

/** @throws Error that says where, and why it is not reached or not believed. */
export async function tellGateway(config: NodeProbeConfig, report: NodeReport): Promise<void> {
  const { cluster, authorities, identity, gateway: address } = config;
  const peer = { cluster, authorities };
  const dial = { peer, address, protocols: [GATEWAY_NODE_PROTOCOL], identity, withinMs: WITHIN_MS };
  const { socket } = await dialPeer(dial);
  if (socket.alpnProtocol !== GATEWAY_NODE_PROTOCOL) {
    socket.destroy();
    throw new Error(`${address}: it does not take what nodes find; it is of an older version`);
  }
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => socket.destroy(new Error(`no answer within ${WITHIN_MS} ms`)), WITHIN_MS);
    socket.once('error', (error: Error) => reject(new Error(`${address}: ${error.message}`, { cause: error })));
    socket.once('data', (chunk: Buffer) => {
      if (chunk.toString() !== REPORT_TAKEN) return;
      resolve();
      socket.end();
    });
    socket.once('close', () => {
      clearTimeout(late);
      reject(new Error(`${address}: it did not take the report`));
    });
    socket.write(`${JSON.stringify(report)}\n`);
  });
}
