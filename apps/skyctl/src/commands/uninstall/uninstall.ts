/** `skyctl uninstall`: what is there, what goes and what stays; with --yes it goes, and is looked for again. */
import { isNothing, wordsOf, type RemovalPlan } from '@skyflow/domain';
import type { KubeClient } from '@skyflow/kube-client';
import { CliError, usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import type { Session } from '../../session.js';
import { leaveSkyflow, membersWithoutContext, registeredIn } from './membership.js';
import { connectionTo, isEmbedded, namedTargets, rememberedTargets, type Target } from './targets.js';
import { clearWorkstation, homeOf, linesOf, lookAtWorkstation, stopWorkstation } from './workstation.js';

const DEFAULT_TIMEOUT_MS = 300_000;
/** Of the first look: a cluster that does not answer by then counts as unreachable. */
const LOOK_WITHIN_MS = 60_000;

type Looked =
  | { target: Target; client: KubeClient; plan: RemovalPlan }
  /** Why it cannot be reached. */
  | { target: Target; problem: string };

export const uninstall: CommandHandler = async (session, { flags }) => {
  if (!flags.on('dry-run') && !flags.on('yes')) {
    throw usageError('nothing was changed', 'see what would go with --dry-run, then say --yes');
  }
  return flags.has('cluster') ? ofClusters(session, flags) : ofEverything(session, flags);
};

async function ofClusters(session: Session, flags: Flags): Promise<number> {
  const { terminal, env } = session;
  const targets = await namedTargets(flags.list('cluster'), flags.text('kubeconfig'), homeOf(env), env);
  const looked = await Promise.all(targets.map(look));
  const reached = looked.filter((each) => !('problem' in each)).map(({ target }) => target);
  const members = reached.length === 0 ? [] : await registeredIn(session, reached);
  for (const each of looked) terminal.line(describe(each));
  for (const { name } of members) {
    terminal.line(`SkyFlow\n  cluster ${name} is taken out of it; what it ran is placed elsewhere, or waits`);
  }
  if (flags.on('dry-run')) return exitFor(looked, []);
  await leaveSkyflow(session, members);
  const left = await removeFromAll(session, flags, looked);
  return exitFor(looked, left);
}

async function ofEverything(session: Session, flags: Flags): Promise<number> {
  const { terminal, env } = session;
  const found = lookAtWorkstation(env);
  if (found.built.length > 0 && !flags.on('abandon-clusters')) {
    throw new CliError({
      code: EXIT.refused,
      summary: 'SkyFlow has built clusters whose machines are still there; without its data nobody knows of them',
      causes: found.built,
      hint: 'take them down first with "skyctl delete cluster NAME", or leave them to yourself with --abandon-clusters',
    });
  }
  const looked = await Promise.all(
    rememberedTargets(found.home, env)
      .filter((target) => !isEmbedded(target, found.home))
      .map(look),
  );
  const elsewhere = found.processes.length > 0 ? await membersWithoutContext(session) : [];
  for (const each of looked) terminal.line(describe(each));
  const lines = linesOf(found);
  terminal.line(['This workstation', ...(lines.length === 0 ? ['nothing of SkyFlow is there'] : lines)].join('\n  '));
  if (found.others.length > 0)
    terminal.line(`  stays: ${found.others.join(', ')} in ${found.home}, which SkyFlow did not make`);
  for (const name of elsewhere) {
    terminal.note(
      `cluster ${name} was joined from elsewhere: remove what is on it with "skyctl uninstall --cluster CONTEXT --kubeconfig FILE --yes", where CONTEXT leads to it`,
    );
  }
  if (flags.on('dry-run')) return exitFor(looked, []);
  const running = await stopWorkstation(found);
  if (running.length > 0) return exitFor(looked, running, session);
  const left = await removeFromAll(session, flags, looked);
  await clearWorkstation(found);
  const again = linesOf(lookAtWorkstation(env));
  for (const line of again) terminal.note(`still there: ${line}`);
  if (again.length === 0) terminal.line('This workstation: everything of SkyFlow is gone');
  terminal.note('skyctl itself stays: remove the checkout, or "npm uninstall -g @skyflow/skyctl"');
  return exitFor(looked, [...left, ...again]);
}

async function look(target: Target): Promise<Looked> {
  const { KubeClient: Client, takeInventory } = await import('./cluster-engine.js');
  try {
    const client = new Client(await connectionTo(target), { userAgent: 'skyctl' });
    return { target, client, plan: await takeInventory(client, AbortSignal.timeout(LOOK_WITHIN_MS)) };
  } catch (error) {
    if (!isOfCluster(error)) throw error;
    return { target, problem: error.message };
  }
}

/** The cluster's or its kubeconfig's fault, none of ours. */
const isOfCluster = (error: unknown): error is Error =>
  error instanceof Error && /^(KubeApi|KubeUnreachable|KubeConfig|Timeout)Error$/.test(error.name);

async function removeFromAll(session: Session, flags: Flags, looked: readonly Looked[]): Promise<string[]> {
  const { removePlanned } = await import('./cluster-engine.js');
  const left: string[] = [];
  for (const each of looked) {
    if ('problem' in each) continue;
    const { name } = each.target;
    const deadline = AbortSignal.timeout(flags.durationMs('timeout') ?? DEFAULT_TIMEOUT_MS);
    const outcome = await removePlanned(each.client, each.plan, deadline, (words) =>
      session.remark(`${name}: ${words}`),
    );
    each.client.close();
    for (const words of outcome.left) session.terminal.note(`${name}: still there: ${words}`);
    left.push(...outcome.left);
    const released = outcome.released > 0 ? `, ${outcome.released} let go of` : '';
    if (outcome.left.length > 0) continue;
    session.terminal.line(`Cluster ${name}: ${outcome.removed} objects removed${released}; nothing of SkyFlow is left`);
  }
  return left;
}

/** What is there, with what goes and what stays. */
function describe(looked: Looked): string {
  const { name, context, kubeconfig } = looked.target;
  const title = `Cluster ${name} (context ${context === '' ? 'of' : `${context} of`} ${kubeconfig})`;
  if ('problem' in looked) {
    return [
      title,
      `cannot be reached: ${looked.problem}`,
      'what SkyFlow made there stays and goes on running. When it can be reached again, this needs nothing but its kubeconfig:',
      `  skyctl uninstall --cluster ${context === '' ? name : context} --kubeconfig ${kubeconfig} --yes`,
    ].join('\n  ');
  }
  const { plan } = looked;
  if (isNothing(plan)) return `${title}\n  nothing of SkyFlow is there${keptLines(plan)}`;
  return [
    title,
    ...plan.removals.map(({ object }) => `delete ${wordsOf(object)}`),
    ...plan.releases.map(({ object, reason }) => `keep ${wordsOf(object)}, without SkyFlow's marks: ${reason}`),
  ]
    .join('\n  ')
    .concat(keptLines(plan));
}

/** Namespaces that stay as they are; those that lose a mark are told as such. */
const keptLines = ({ kept, releases }: RemovalPlan): string =>
  kept
    .filter(({ object }) => !releases.some((release) => release.object === object))
    .map(({ object, reason }) => `\n  keep ${wordsOf(object)}: ${reason}`)
    .join('');

function exitFor(looked: readonly Looked[], left: readonly string[], session?: Session): number {
  for (const line of left) session?.terminal.note(line);
  if (looked.some((each) => 'problem' in each)) return EXIT.unavailable;
  return left.length > 0 ? EXIT.failure : EXIT.ok;
}
