/** The agent supervisor of a machine. See README.md for its environment. */
import { runProcess } from '@skyflow/service';
import { supervisorSettings } from './settings.js';
import { runSupervisor } from './supervise/run-supervisor.js';

/** An agent that does not stop is killed after six and a half seconds: it must not outlive the one that does that. */
const STOP_WITHIN_MS = 7_500;

await runProcess(
  { name: 'agent-supervisor', settings: supervisorSettings, stopWithinMs: STOP_WITHIN_MS },
  runSupervisor,
);
