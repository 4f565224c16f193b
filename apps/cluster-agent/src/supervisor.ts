/** The agent supervisor of a machine. See README.md for its environment. */
import { runProcess } from '@skyflow/service';
import { supervisorSettings } from './settings.js';
import { runSupervisor } from './supervise/run-supervisor.js';

await runProcess({ name: 'agent-supervisor', settings: supervisorSettings }, runSupervisor);
