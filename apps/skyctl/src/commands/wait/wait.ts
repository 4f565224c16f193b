/** `skyctl wait`: until something is true of all objects named, by watching, not by asking again and again. */
import type { ApiObject, WorkloadStatus } from '@skyflow/contracts';
import { CliError, usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { follow } from '../../gateway/follow.js';
import { qualifiedName } from '../../gateway/kinds.js';
import { targetsFrom } from '../../gateway/targets.js';
import type { Target } from '../../gateway/targets.js';
import type { Session } from '../../session.js';
import { parseCondition } from './wait-condition.js';
import type { WaitCondition } from './wait-condition.js';

const DEFAULT_TIMEOUT_MS = 30_000;

export const wait: CommandHandler = async (session, call) => {
  const { flags } = call;
  const text = flags.text('for');
  if (text === undefined) throw usageError('say what to wait for', 'such as --for phase=RUNNING or --for delete');
  const condition = parseCondition(text);
  const timeoutMs = flags.durationMs('timeout') ?? DEFAULT_TIMEOUT_MS;
  const signal = AbortSignal.timeout(timeoutMs);
  const [selector, fieldSelector] = [flags.text('selector'), flags.text('field-selector')];
  for (const target of await targetsFrom(session, call)) {
    if (target.names.length === 0 && (selector ?? fieldSelector) === undefined && !flags.on('all')) {
      throw usageError('say which objects: names, -l SELECTOR, or --all');
    }
    await waitFor(session, target, { selector, fieldSelector }, condition, signal, timeoutMs);
  }
  return EXIT.ok;
};

async function waitFor(
  session: Session,
  { kind, names, namespace }: Target,
  { selector, fieldSelector }: Record<'selector' | 'fieldSelector', string | undefined>,
  condition: WaitCondition,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<void> {
  const everywhere = names.length === 0 && session.flags.on('all-namespaces');
  const keyOf = ({ metadata }: ApiObject): string =>
    everywhere && metadata.namespace !== undefined ? `${metadata.namespace}/${metadata.name}` : metadata.name;
  const selection = {
    ...(kind.namespaced && !everywhere ? { namespace: namespace ?? (await session.namespace()) } : {}),
    ...(selector === undefined ? {} : { labelSelector: selector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(names.length === 1 ? { fieldSelector: `metadata.name=${names[0] ?? ''}` } : {}),
  };
  const label = (name: string): string => `${qualifiedName(kind)}/${name}`;
  const waiting = new Map<string, ApiObject | undefined>(names.map((name) => [name, undefined]));
  const look = (name: string, object: ApiObject | undefined): void => {
    if (!waiting.has(name)) return;
    waiting.set(name, object);
    if (object === undefined && condition.absent === 'error') throw notThere(label(name), condition);
    if (object === undefined ? condition.absent === 'met' : condition.met(object)) {
      waiting.delete(name);
      session.terminal.line(`${label(name)} condition met`);
    }
  };
  const changes = follow(await session.gateway(), kind, selection, {
    signal,
    onConnection: (error) => session.noteConnection(error),
  });
  try {
    for await (const change of changes) {
      if (change.type === 'LIST') {
        const there = new Map(change.listing.items.map(({ object }) => [keyOf(object), object]));
        if (names.length === 0) for (const name of there.keys()) waiting.set(name, undefined);
        for (const name of [...waiting.keys()]) look(name, there.get(name));
      } else {
        const { object } = change.item;
        look(keyOf(object), change.type === 'DELETED' ? undefined : object);
      }
      if (waiting.size === 0) return;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  throw tooLate(
    [...waiting].map(([name, object]) => `${label(name)}: ${stateOf(object, condition)}`),
    condition,
    timeoutMs,
  );
}

const notThere = (label: string, { text }: WaitCondition): CliError =>
  new CliError({ code: EXIT.notFound, summary: `${label} does not exist, so it cannot be waited for ${text}` });

const tooLate = (causes: readonly string[], { text }: WaitCondition, timeoutMs: number): CliError =>
  new CliError({
    code: EXIT.timeout,
    summary: `waited ${timeoutMs / 1_000} s ${text.replace(/^to /, 'for it to ')}`,
    causes,
    hint: 'give it longer with --timeout 10m',
  });

function stateOf(object: ApiObject | undefined, { text }: WaitCondition): string {
  if (object === undefined) return 'does not exist';
  const { phase, message, reason, conditions = [] } = (object.status ?? {}) as Partial<WorkloadStatus>;
  const why = message ?? reason;
  // Whoever waits for a condition that this kind never has learns which it has.
  const has = conditions.map(({ type, status }) => `${type}=${status}`).join(', ');
  const known = has === '' || !text.includes(' condition ') ? '' : `; its conditions are ${has}`;
  return `${phase ?? 'has no status yet'}${why === undefined ? '' : `, ${why}`}${known}`;
}
