/**
 * Who knows kubectl's options finds them here: those of the real kubectl, command by command, as its help lists them. What is not there
 * is in kubectl-differences.yaml with its reason, and nothing is there that is no difference any more.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { runKubectl } from '@skyflow/kubectl';
import { parse } from 'yaml';
import { namesOf, optionOf } from './cli/argv.js';
import type { CommandSpec, OptionSpec } from './cli/command-spec.js';
import { GLOBAL_OPTIONS } from './cli/help.js';
import { COMMANDS } from './commands/index.js';

/** Reasons by command and option; `*` is every command. */
const differences = parse(readFileSync(join(import.meta.dirname, 'kubectl-differences.yaml'), 'utf8')) as Record<
  string,
  Record<string, string>
>;

/** kubectl's commands that skyctl has too, and what ours are called where that is something else. */
const SHARED: readonly (readonly [string, string?])[] = [
  ['annotate'],
  ['api-resources'],
  ['apply'],
  ['attach'],
  ['auth can-i'],
  ['auth whoami'],
  ['completion'],
  ['config get-contexts'],
  ['config set-context'],
  ['config use-context'],
  ['config view'],
  ['cp'],
  ['create', 'create from-files'],
  ['delete'],
  ['describe'],
  ['diff'],
  ['edit'],
  ['events'],
  ['exec'],
  ['explain'],
  ['get'],
  ['label'],
  ['logs'],
  ['patch'],
  ['plugin list'],
  ['port-forward'],
  ['rollout history'],
  ['rollout pause'],
  ['rollout restart'],
  ['rollout resume'],
  ['rollout status'],
  ['rollout undo'],
  ['scale'],
  ['top node', 'top'],
  ['top pod', 'top'],
  ['version'],
  ['wait'],
];

function specOf(words: string): CommandSpec {
  let spec: CommandSpec | undefined;
  let level: readonly CommandSpec[] = COMMANDS;
  for (const word of words.split(' ')) {
    spec = [...level, ...(spec?.byFlags === undefined ? [] : [spec.byFlags])].find(({ name }) => name === word);
    level = spec?.subcommands ?? [];
  }
  if (spec === undefined) throw new Error(`skyctl has no ${words}`);
  return spec;
}

/** As `--name`, and `-n` before it where it has a short form. */
function optionsOf(help: string): { long: string; short: string | undefined }[] {
  const list = /^Options:\n([^]*?)\n\n?^Usage:/m.exec(help)?.[1] ?? '';
  return [...list.matchAll(/^\s+(?:-(\w), )?--([a-z-]+)=/gm)].map(([, short, long = '']) => ({ short, long }));
}

describe.each(SHARED)('kubectl %s', (command, own = command) => {
  const known = { ...differences['*'], ...differences[command] };
  const { options: ours = [] } = specOf(own);
  const options: readonly OptionSpec[] = [...ours, ...GLOBAL_OPTIONS];
  let theirs: ReturnType<typeof optionsOf>;

  beforeAll(async () => {
    const { stdout } = await runKubectl([...command.split(' '), '--help']);
    theirs = optionsOf(stdout);
    if (/^Options:/m.test(stdout)) expect(theirs).not.toEqual([]);
  }, 30_000);

  it('has options that are here too, long and short, or whose absence has a reason', () => {
    const missing = theirs.filter(({ long }) => optionOf(`--${long}`, options) === undefined).map(({ long }) => long);
    expect(missing.filter((long) => known[long] === undefined)).toEqual([]);
    const otherShort = theirs.flatMap(({ long, short }) => {
      const option = optionOf(`--${long}`, options);
      const same = short === undefined || option === undefined || optionOf(`-${short}`, options) === option;
      return same || known[`-${short}`] !== undefined ? [] : [`-${short} is ${namesOf(option).long}`];
    });
    expect(otherShort).toEqual([]);
  });

  it('has no reason for what is no difference', () => {
    const names = new Set(theirs.flatMap(({ long, short }) => [long, ...(short === undefined ? [] : [`-${short}`])]));
    const stale = Object.keys(differences[command] ?? {}).filter((name) => {
      if (!names.has(name)) return true;
      return !name.startsWith('-') && optionOf(`--${name}`, options) !== undefined;
    });
    expect(stale).toEqual([]);
  });
});
