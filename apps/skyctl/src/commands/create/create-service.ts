/** `skyctl create service`. */
import { serviceFromFlags, type ServiceFlags } from '@skyflow/domain';
import type { CommandHandler } from '../../cli/command-spec.js';
import { SERVICE } from '../../gateway/kinds.js';
import { objectOf } from './flag-problems.js';
import { submit } from './submit.js';

export const createService: CommandHandler = async (session, call) => {
  const { args, flags } = call;
  const given: Partial<Record<keyof ServiceFlags, string>> = {};
  for (const [field, flag] of SINGLE) {
    const value = flags.text(flag);
    if (value !== undefined) given[field] = value;
  }
  const service = serviceFromFlags({
    ...given,
    name: args[0] ?? '',
    namespace: await session.namespace(),
    selector: flags.pairs('selector'),
    ports: flags.pairs('ports'),
    sources: flags.list('sources'),
    ipFamilies: flags.list('ip-families'),
    labels: flags.pairs('labels'),
  });
  return await submit(session, call, SERVICE, objectOf(service));
};

/** Flags that are one text each. */
const SINGLE = [
  ['type', 'type'],
  ['cluster', 'cluster'],
  ['plane', 'plane'],
  ['spread', 'spread'],
  ['minLocal', 'min-local'],
  ['rampSeconds', 'ramp-seconds'],
  ['externalName', 'external-name'],
  ['ipFamilyPolicy', 'ip-family-policy'],
  ['sessionAffinity', 'session-affinity'],
] as const satisfies readonly (readonly [keyof ServiceFlags, string])[];
