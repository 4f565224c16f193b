/** Which objects a command line means: `job a b`, `job/a deployment/b`, `jobs,deployments`, `all`. */
import { usageError } from '../cli/cli-error.js';
import type { Invocation } from '../cli/command-spec.js';
import type { Flags } from '../cli/flags.js';
import { resolveKind } from './discovery.js';
import type { GatewayClient } from './gateway-client.js';
import { DEPLOYMENT, JOB } from './kinds.js';
import type { ResourceKind } from './kinds.js';
import type { Session } from '../session.js';

export interface Target {
  kind: ResourceKind;
  /** Empty: all objects of the kind. */
  names: readonly string[];
  /** Where a file says that they are; absent: where the command works. */
  namespace?: string;
}

/** @throws CliError for forms that mix or contradict each other, and for unknown kinds. */
export async function targetsOf(words: readonly string[], gateway: GatewayClient): Promise<Target[]> {
  const [first, ...rest] = words;
  if (first === undefined) throw usageError('say which kind, such as jobs, or KIND/NAME');
  if (words.some((word) => word.includes('/'))) return await slashTargets(words, gateway);
  const kinds = await kindsOf(first, gateway);
  if (kinds.length > 1 && rest.length > 0) {
    throw usageError('names cannot be given with several kinds', 'write KIND/NAME for each of them');
  }
  return kinds.map((kind) => ({ kind, names: rest }));
}

/** One object: `job hello` or `job/hello`; a bare name is of the kind given as default. */
export async function singleTarget(
  words: readonly string[],
  gateway: GatewayClient,
  bare?: ResourceKind,
): Promise<{ kind: ResourceKind; name: string }> {
  const [only] = words;
  if (bare !== undefined && words.length === 1 && only !== undefined && !only.includes('/')) {
    return { kind: bare, name: only };
  }
  const [target, ...more] = await targetsOf(words, gateway);
  const [name, ...names] = target?.names ?? [];
  if (target === undefined || name === undefined || more.length + names.length > 0) {
    throw usageError('name exactly one object', 'write KIND NAME or KIND/NAME, such as job/hello');
  }
  return { kind: target.kind, name };
}

/** Whether objects are named by files. */
export const namesFiles = (flags: Flags): boolean => flags.list('filename').length > 0 || flags.has('kustomize');

/** What words name, or files given with -f and -k. @throws CliError as {@link targetsOf} and for files that cannot be read */
export async function targetsFrom(session: Session, call: Invocation, words = call.args): Promise<Target[]> {
  if (!namesFiles(call.flags)) return await targetsOf(words, await session.gateway());
  if (words.length > 0) throw usageError('give either files with -f or -k, or a kind with names');
  const { planOf } = await import('../commands/apply/plan.js');
  const planned = await planOf(session, call);
  return planned.map(({ kind, namespace, object }) => ({
    kind,
    names: [object.metadata.name],
    ...(namespace === undefined ? {} : { namespace }),
  }));
}

async function kindsOf(word: string, gateway: GatewayClient): Promise<ResourceKind[]> {
  if (word.toLowerCase() === 'all') return [JOB, DEPLOYMENT];
  const parts = word.split(',').filter((part) => part !== '');
  return await Promise.all(parts.map((part) => resolveKind(part, gateway)));
}

async function slashTargets(words: readonly string[], gateway: GatewayClient): Promise<Target[]> {
  const targets: { kind: ResourceKind; names: string[] }[] = [];
  for (const word of words) {
    const [kindWord = '', name = '', ...more] = word.split('/');
    if (kindWord === '' || name === '' || more.length > 0) {
      throw usageError(`"${word}" is not KIND/NAME`, 'write either KIND NAME… or KIND/NAME for each object');
    }
    const kind = await resolveKind(kindWord, gateway);
    const before = targets.find((target) => target.kind === kind);
    if (before) before.names.push(name);
    else targets.push({ kind, names: [name] });
  }
  return targets;
}

/** One object, and where it is. */
export interface NamedObject {
  kind: ResourceKind;
  name: string;
  /** Absent: of no namespace. */
  namespace?: string;
}

/** Objects that words or files name one by one. @throws CliError when they name none */
export async function namedTargets(session: Session, call: Invocation): Promise<NamedObject[]> {
  const targets = await targetsFrom(session, call);
  const here = await session.namespace();
  const named = targets.flatMap(({ kind, names, namespace = here }) =>
    names.map((name) => ({ kind, name, ...(kind.namespaced ? { namespace } : {}) })),
  );
  if (named.length === 0) throw usageError('name the objects', 'write KIND NAME or KIND/NAME, such as job/hello');
  return named;
}
