/** Agents whose feature level must be known before the log's may rise: those of clusters that have been seen, and are not stopped. */
import { provisioningOf } from '@skyflow/domain';
import { agentName } from '../health/heartbeats.js';
import type { ReadModel } from '../store/read-model.js';

export const expectedAgents = ({ state }: ReadModel): string[] =>
  [...state.table.ordered('Cluster')]
    .filter(({ observation, deletedAt }) => observation !== undefined && deletedAt === 0)
    .filter((record) => provisioningOf(record)?.phase !== 'STOPPED')
    .map(({ name }) => agentName(name));
