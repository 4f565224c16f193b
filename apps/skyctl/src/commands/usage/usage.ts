/** `skyctl usage`: who held how much of the clusters over time. */
import { usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import { pastTime } from '../../gateway/past-time.js';
import { toYaml } from '../../output/documents.js';
import { type UsageReport, renderUsage } from './render-usage.js';

const SUBJECTS: Readonly<Record<string, string>> = {
  ...{ user: 'user', users: 'user' },
  ...{ namespace: 'namespace', namespaces: 'namespace', ns: 'namespace' },
  ...{ cluster: 'cluster', clusters: 'cluster' },
};

export const usage: CommandHandler = async (session, { args, flags }) => {
  const [word = 'namespaces'] = args;
  const by = Object.hasOwn(SUBJECTS, word.toLowerCase()) ? SUBJECTS[word.toLowerCase()] : undefined;
  if (by === undefined) throw usageError(`usage is not told by "${word}"`, 'say users, namespaces or clusters');
  const stepMs = flags.durationMs('step');
  if (stepMs !== undefined && stepMs % 1_000 !== 0) {
    throw usageError(`--step ${flags.text('step') ?? ''}: must be whole seconds`, 'write 10m, 1h or 1d');
  }
  const gateway = await session.gateway();
  const { body } = await gateway.json<UsageReport>({
    path: '/usage',
    query: { by, from: timeOf(flags, 'from'), to: timeOf(flags, 'to'), step: stepMs && stepMs / 1_000 },
  });
  const output = flags.text('output');
  if (output === 'json') session.terminal.write(`${JSON.stringify(body, null, 4)}\n`);
  else if (output === 'yaml') session.terminal.write(await toYaml(body));
  else session.terminal.line(renderUsage(body, { headers: !flags.on('no-headers') }));
  return EXIT.ok;
};

function timeOf(flags: Flags, name: string): string | undefined {
  const text = flags.text(name);
  if (text === undefined) return undefined;
  const time = pastTime(text, Date.now(), `--${name}`);
  // A sequence of the log, which pastTime lets through.
  if (/^\d+$/.test(time))
    throw usageError(`--${name} ${text}: is no time`, 'say for example "2 hours ago" or 2026-05-17');
  return time;
}
