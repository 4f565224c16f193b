/**
 * Entry point of the node probe: runs in the network of a node and tells the gateway of its cluster whether pods of other clusters are
 * reached from there. It listens nowhere, and what it is told comes as a file, a Secret that the agent keeps.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { nodeProbeConfigSchema } from '@skyflow/contracts';
import { runProcess } from '@skyflow/service';
import { probeRound } from './nodes/probe-round.js';
import { tellGateway } from './nodes/tell-gateway.js';
import { nodeProbeSettings } from './settings.js';

const EVERY_MS = 10_000;
/** Until it is told something. */
const UNTOLD_MS = 1_000;

await runProcess({ name: 'node-probe', settings: nodeProbeSettings }, async (context) => {
  const { settings, logger, stopping } = context;
  const { SKYFLOW_NODE_PROBE_FILE: path, SKYFLOW_NODE_NAME: node } = settings;
  let trouble = '';
  const told = (detail: string): void => {
    if (detail !== trouble && detail !== '') logger.warn({ detail }, 'what this node reaches is not told');
    trouble = detail;
  };
  const round = async (): Promise<boolean> => {
    try {
      const config = nodeProbeConfigSchema.parse(JSON.parse(await readFile(path, 'utf8')));
      await tellGateway(config, await probeRound(config, node));
      told('');
      return true;
    } catch (error) {
      const isUntold = (error as NodeJS.ErrnoException).code === 'ENOENT';
      told(isUntold ? `the agent has not written ${path} yet` : (error as Error).message);
      return !isUntold;
    }
  };
  const run = async (): Promise<void> => {
    while (!stopping.aborted) {
      const isTold = await round();
      await delay(isTold ? EVERY_MS : UNTOLD_MS, undefined, { signal: stopping }).catch(() => undefined);
    }
  };
  const running = run();
  context.onStop('rounds', () => running);
  await Promise.resolve();
});
