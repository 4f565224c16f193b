/** The agent of one cluster. See README.md for its environment. */
import { runProcess } from '@skyflow/service';
import { runAgent } from './agent/run-agent.js';
import { agentSettings } from './settings.js';

await runProcess({ name: 'cluster-agent', settings: agentSettings }, runAgent);
