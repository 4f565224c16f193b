/**
 * The direct way to run a command: commander without a Nest container. Also shows help and refuses unknown commands, for
 * which the whole tree is built from the specs without loading any command's code.
 */
import { createCommand } from 'commander';
import type { Command } from 'commander';
import type { Session } from '../session.js';
import type { Route } from './argv.js';
import type { CommandSpec } from './command-spec.js';
import { configureCommand, flagsOf } from './configure-command.js';
import { EXIT } from './exit-codes.js';
import { rootHelpTail } from './help.js';

export async function runDirect({ path, words, passThrough }: Route, session: Session): Promise<number> {
  const spec = path.at(-1);
  if (spec?.load === undefined) throw new Error('only commands that can run are routed here');
  const command = createCommand(['skyctl', ...path.map(({ name }) => name)].join(' '));
  configureCommand(command, spec);
  let code: number = EXIT.ok;
  command.action(async () => {
    const handler = await spec.load?.();
    const flags = flagsOf(command, spec);
    code = (await handler?.(session.with(flags), { args: command.args, flags, passThrough })) ?? EXIT.ok;
  });
  await command.parseAsync([...words], { from: 'user' });
  return code;
}

/** For help, and for commander to say which command was probably meant. */
export async function runTree({ path, words }: Route, root: readonly CommandSpec[], version: string): Promise<number> {
  const program = createCommand('skyctl')
    .description('SkyFlow: many Kubernetes clusters, one super-cluster.')
    .version(version, '--version', 'show the version of skyctl')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', rootHelpTail())
    .configureHelp({ subcommandTerm: (sub) => sub.name(), helpWidth: 120 })
    .configureOutput({ outputError: () => undefined })
    .showSuggestionAfterError(true)
    .exitOverride();
  for (const spec of root) addTree(program, spec);
  const line = [...path.map(({ name }) => name), ...words];
  await program.parseAsync(line.length > 0 ? line : ['--help'], { from: 'user' });
  return EXIT.ok;
}

function addTree(parent: Command, spec: CommandSpec): void {
  const command = createCommand(spec.name);
  configureCommand(command, spec);
  for (const sub of spec.subcommands ?? []) addTree(command, sub);
  parent.addCommand(command, { hidden: spec.hidden ?? false });
}
