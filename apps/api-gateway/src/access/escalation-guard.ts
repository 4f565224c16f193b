/**
 * Admission: no write gives its writer, or anyone else, more than the writer has. Roles and bindings as in Kubernetes (verbs escalate and
 * bind lift it); groups of users likewise; an apply that creates needs create too.
 */
import { equalJson, invalidCause, type KubeObject, type UserSpec } from '@skyflow/contracts';
import { type AccessRule, type Identity, boundRules, describeRight, rightsOf, uncoveredRights } from '@skyflow/domain';
import { type Admission, type AdmissionRequest, StatusError, invalid } from '@skyflow/apimachinery';
import { rulesOf } from '../kinds/access-rules.js';
import type { AccessModel } from './access-model.js';
import type { Asked } from './asked.js';
import type { Gatekeeper } from './gatekeeper.js';

export function escalationGuard(access: AccessModel, gatekeeper: Gatekeeper): Admission {
  const may = (identity: Identity, verb: string, kind: string, name: string): boolean => {
    const asked: Asked = { verb, kind, name, namespaced: false, collection: false };
    return gatekeeper.may(identity, asked).allowed;
  };

  const mustHave = (request: AdmissionRequest, rules: readonly AccessRule[], lifted: string): void => {
    const { user } = request.context;
    const [missing] = uncoveredRights(access.rightsOf(user).rules, rules);
    if (missing === undefined) return;
    const text = `User "${user.name}" does not have ${describeRight(missing)}, so cannot give it; it would take that right, or the verb ${lifted}`;
    throw refusal(request, text);
  };

  const guardRole = (request: AdmissionRequest, role: KubeObject): void => {
    if (request.old !== undefined && equalJson(rulesOf(request.old), rulesOf(role))) return;
    if (may(request.context.user, 'escalate', 'Role', role.metadata.name)) return;
    mustHave(request, rulesOf(role), '"escalate" on kind "Role"');
  };

  const guardBinding = (request: AdmissionRequest, binding: KubeObject): void => {
    const name = (binding.roleRef as { name?: string } | undefined)?.name ?? '';
    const rules = access.policy().roles.get(name);
    if (rules === undefined) {
      const causes = [
        invalidCause(
          'roleRef.name',
          name,
          `there is no such Role; the roles are: ${[...access.policy().roles.keys()].join(', ')}`,
        ),
      ];
      throw invalid(request.definition, binding.metadata.name, causes);
    }
    if (may(request.context.user, 'bind', 'Role', name)) return;
    const namespaces = Array.isArray(binding.namespaces) ? (binding.namespaces as string[]) : undefined;
    mustHave(request, boundRules(rules, namespaces), '"bind" on kind "Role"');
  };

  const guardUser = (request: AdmissionRequest, user: KubeObject): void => {
    const before = new Set((request.old?.spec as UserSpec | undefined)?.groups ?? []);
    const groups = ((user.spec as UserSpec | undefined)?.groups ?? []).filter((group) => !before.has(group));
    if (groups.length === 0) return;
    mustHave(
      request,
      rightsOf({ name: '', groups }, access.policy()).rules,
      '"bind" on kind "Role", to bind the roles directly',
    );
  };

  return (request) => {
    const { operation, definition, object, context } = request;
    if (object === undefined) return;
    if (operation === 'create' && context.verb === 'patch') {
      const { namespace } = object.metadata;
      const asked: Asked = {
        verb: 'create',
        kind: definition.kind,
        namespaced: definition.namespaced,
        ...(namespace === undefined ? {} : { namespace }),
        collection: false,
      };
      const decision = gatekeeper.may(context.user, asked);
      if (!decision.allowed) throw refusal(request, decision.reason);
    }
    if (definition.group !== 'skyflow.io') return;
    if (definition.kind === 'Role') guardRole(request, object);
    else if (definition.kind === 'RoleBinding') guardBinding(request, object);
    else if (definition.kind === 'User') guardUser(request, object);
  };
}

function refusal({ definition, object }: AdmissionRequest, why: string): StatusError {
  const name = object?.metadata.name ?? '';
  const { plural, group } = definition;
  const qualified = group === '' ? plural : `${plural}.${group}`;
  return new StatusError(403, 'Forbidden', `${qualified} "${name}" is forbidden: ${why}`, {
    name,
    group,
    kind: plural,
  });
}
