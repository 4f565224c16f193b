/** `skyctl replay verify`: decides every round of a log again, here, and says whether it comes out as recorded. */
import { readFile } from 'node:fs/promises';
import { positionOf } from '@skyflow/contracts';
import {
  type Mismatch,
  type VerificationReport,
  CONFIGURATION_KINDS,
  OtherConfiguration,
  SCHEDULING_CODE,
  Verification,
} from '@skyflow/domain';
import { usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { toYaml } from '../../output/documents.js';
import type { Terminal } from '../../output/terminal.js';
import { readManifests } from '../apply/manifests.js';
import { type LogLine, openArchive, openLog } from './log-source.js';
import { pointOf } from './point.js';
import { renderMismatch } from './render-mismatch.js';

interface Found extends Mismatch {
  /** When the commit was stored, RFC 3339. */
  storedAt: string;
}

interface Outcome extends VerificationReport {
  /** Commits that were read. */
  commits: number;
  /** The code that decided again, and with what. */
  by: string;
  first: Found | undefined;
}

export const verify: CommandHandler = async (session, { args, flags }) => {
  if (args.length > 0) throw usageError(`verify takes no arguments, but got ${args.join(' ')}`);
  const [from, to] = [pointOf(flags, 'from'), pointOf(flags, 'to')];
  const started = performance.now();
  const configuration = flags.text('with');
  const other = configuration === undefined ? undefined : await otherConfiguration(configuration);
  const verification = new Verification(other);
  let commits = 0;
  let first: Found | undefined;
  const [file, place] = [flags.text('file'), flags.text('archive')];
  if (file !== undefined && place !== undefined)
    throw usageError('--file and --archive exclude each other', 'leave one of them out');
  const lines = place === undefined ? await openLog(session, file) : openArchive(session, flags, place);
  for await (const line of lines) {
    if (commits === 0 && line.seq > 1) throw beginsLater(line);
    if (to !== undefined && to(line) > 0) break;
    commits++;
    const mismatch = take(verification, line, from === undefined || from(line) >= 0);
    if (mismatch !== undefined) first ??= { ...mismatch, storedAt: new Date(line.storedAt).toISOString() };
  }
  const outcome: Outcome = {
    commits,
    by: SCHEDULING_CODE + (configuration === undefined ? '' : ` with ${configuration}`),
    ...verification.report,
    first,
  };
  const output = flags.text('output');
  if (output === 'json') session.terminal.line(JSON.stringify(outcome, null, 4));
  else if (output === 'yaml') session.terminal.write(await toYaml(JSON.parse(JSON.stringify(outcome))));
  else session.terminal.line(render(outcome, performance.now() - started, session.terminal));
  return outcome.mismatches === 0 ? EXIT.ok : EXIT.failure;
};

/** Every decision is made of all that came before it. */
function beginsLater({ seq, storedAt }: LogLine): Error {
  const since = new Date(storedAt).toISOString();
  return usageError(
    `the log begins at commit ${seq} (${since}), what was before has been purged: nothing can be decided again from that alone`,
    '--archive PLACE reads what was purged from there, and then the log; skyctl history names the place',
  );
}

/** @throws CliError (usage) for a file that cannot be read, or has something else. */
async function otherConfiguration(file: string): Promise<OtherConfiguration> {
  try {
    const { documents, problems } = readManifests([{ name: file, text: await readFile(file, 'utf8') }], 'default');
    if (problems.length > 0) throw new Error(problems.join('; '));
    return new OtherConfiguration(documents.map(({ object }) => object));
  } catch (error) {
    throw usageError(
      `--with ${file}: ${(error as Error).message}`,
      `name a file with ${CONFIGURATION_KINDS.join(', ')}`,
    );
  }
}

function take(verification: Verification, { seq, subject, commit }: LogLine, compare: boolean): Mismatch | undefined {
  let first: Mismatch | undefined;
  commit.entries.forEach((entry, index) => {
    const place = { position: positionOf(seq, index), subject, commitId: commit.id, index };
    const mismatch = verification.take(entry, place, compare);
    first ??= mismatch;
  });
  return first;
}

function render(outcome: Outcome, tookMs: number, terminal: Terminal): string {
  const { commits, decisions, rounds, mismatches, first, codes, by, skipped } = outcome;
  const lines = [
    `${commits} commits, ${rounds} rounds, ${decisions} decisions by ${codes.join(', ') || 'nobody'}, decided again by ${by} in ${(tookMs / 1_000).toFixed(1)} s`,
  ];
  if (skipped.superseded > 0) {
    lines.push(
      `${skipped.superseded} decisions of schedulers that had been superseded count for nothing; not compared`,
    );
  }
  if (skipped.beforeBasis > 0) lines.push(`${skipped.beforeBasis} decisions lost a race to a later one; not compared`);
  if (first === undefined) return [...lines, terminal.paint('green', 'all are the same')].join('\n');
  return [
    ...lines,
    terminal.paint('red', `${mismatches} differ; the first:`),
    ...renderMismatch(first, first.storedAt),
  ].join('\n');
}
