/** Everything that both clusters are asked. A script has a namespace of its own, and cleans up what is in none. */
import type { Session } from '../fixture/session.js';
import { badObjects } from './bad-objects.js';
import { badRequests } from './bad-requests.js';
import { controllers } from './controllers.js';
import { defaulting } from './defaulting.js';
import { discovery } from './discovery.js';
import { intoPods } from './into-pods.js';
import { jobs } from './jobs.js';
import { kubectlHabits } from './kubectl-habits.js';
import { kubectlRollouts } from './kubectl-rollouts.js';
import { lists } from './lists.js';
import { patches } from './patches.js';
import { removal } from './removal.js';
import { serverSideApply } from './server-side-apply.js';
import { unknownFields } from './unknown-fields.js';
import { steadyWorkloads } from './steady-workloads.js';
import { updates } from './updates.js';
import { watches } from './watches.js';

export interface Script {
  /** Part of its namespace's name. */
  name: string;
  /** Played on clusters whose pods run their commands; the others' pods only live and end. */
  runsContainers?: boolean;
  play(session: Session): Promise<void>;
}

export const scripts: readonly Script[] = [
  discovery,
  defaulting,
  unknownFields,
  badObjects,
  badRequests,
  lists,
  updates,
  patches,
  serverSideApply,
  watches,
  removal,
  kubectlHabits,
  kubectlRollouts,
  controllers,
  jobs,
  intoPods,
  steadyWorkloads,
];
