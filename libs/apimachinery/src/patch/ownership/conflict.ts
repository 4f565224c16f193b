/** The 409 that server-side apply answers when others own what is applied, worded as kube-apiserver words it. */
import { StatusError } from '../../api/status-error.js';
import type { StatusCause } from '@skyflow/contracts';
import type { FieldSet } from './field-set.js';
import type { ManagerFields } from './managers.js';
import { formatElements } from './path-element.js';

export interface OwnershipConflict {
  owner: ManagerFields;
  fields: FieldSet;
}

export function conflictError(conflicts: readonly OwnershipConflict[]): StatusError {
  const all = conflicts.flatMap(({ owner, fields }) =>
    [...fields.paths()].map((path) => ({ owner: describe(owner), path: formatElements(path) })),
  );
  return refused(all);
}

/** The same 409 of some of its causes. */
export const refusedFields = (causes: readonly StatusCause[]): StatusError =>
  refused(causes.map(({ message: text, field }) => ({ owner: text.slice(CONFLICT_WITH.length), path: field ?? '' })));

const CONFLICT_WITH = 'conflict with ';

function refused(all: readonly { owner: string; path: string }[]): StatusError {
  const causes = all.map(({ owner, path }): StatusCause => ({
    reason: 'FieldManagerConflict',
    message: `${CONFLICT_WITH}${owner}`,
    field: path,
  }));
  return new StatusError(409, 'Conflict', message(all), { causes });
}

function message(conflicts: readonly { owner: string; path: string }[]): string {
  const [only] = conflicts;
  if (conflicts.length === 1 && only !== undefined) {
    return `Apply failed with 1 conflict: conflict with ${only.owner}: ${only.path}`;
  }
  const byOwner = Map.groupBy(conflicts, (conflict) => conflict.owner);
  const lines = [...byOwner]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([owner, fields]) => `conflicts with ${owner}:\n${fields.map(({ path }) => `- ${path}`).join('\n')}`);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

function describe({ manager, operation, apiVersion, subresource }: ManagerFields): string {
  const name = JSON.stringify(manager) + (subresource === undefined ? '' : ` with subresource "${subresource}"`);
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}
