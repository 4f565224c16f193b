/**
 * Entry of skyctl: routes the command line to its command, shows what went wrong, and ends with the right exit code.
 * Loads nothing but the definitions of commands before it knows which one is meant.
 */
import { route, type Route } from './cli/argv.js';
import { exitCodeOf, renderError } from './cli/cli-error.js';
import { EXIT } from './cli/exit-codes.js';
import { GLOBAL_OPTIONS } from './cli/help.js';
import { isHelp, usageOf } from './cli/parser-errors.js';
import { COMMANDS } from './commands/index.js';
import { Terminal, exitWhenReaderLeaves } from './output/terminal.js';
import { Session } from './session.js';
import { traceCommand, type CommandTrace } from './tracing/command-trace.js';

/** Set by build.mjs. */
declare const SKYCTL_VERSION: string;

/** 128 and the signal's number, as shells have it. */
const INTERRUPTED = 130;
const TERMINATED = 143;

async function run(session: Session): Promise<number> {
  const routed = route(process.argv.slice(2), COMMANDS, GLOBAL_OPTIONS);
  const spec = routed.path.at(-1);
  if (spec === undefined) {
    const { findPlugin, runPlugin } = await import('./commands/plugin/plugins.js');
    const plugin = findPlugin(process.argv.slice(2), session.env);
    if (plugin !== undefined) return await runPlugin(plugin, session.env);
  }
  if (spec?.load === undefined) {
    const { runTree } = await import('./cli/program.js');
    return await runTree(routed, COMMANDS, session.version);
  }
  return await traced(routed, session, () => runCommand(routed, session));
}

async function runCommand(routed: Route, session: Session): Promise<number> {
  if (routed.path.at(-1)?.direct !== true) {
    const [{ runNest }, { configureCommand, flagsOf }] = await Promise.all([
      import('./nest/run-nest.js'),
      import('./cli/configure-command.js'),
    ]);
    return await runNest(routed, session, { configure: configureCommand, flagsOf });
  }
  return await (await import('./cli/program.js')).runDirect(routed, session);
}

/** Of the command that runs. */
let trace: CommandTrace | undefined;

async function traced({ path }: Route, session: Session, command: () => Promise<number>): Promise<number> {
  const name = ['skyctl', ...path.map((each) => each.name)].join(' ');
  trace = await traceCommand(name, session.env, session.version).catch((error: unknown) => {
    session.terminal.note(`warning: no trace is sent: ${(error as Error).message}`);
    return undefined;
  });
  session.traceparent = trace?.traceparent;
  try {
    const code = await command();
    await trace?.end(code);
    return code;
  } catch (error) {
    await trace?.end(exitCodeOf(error), error);
    throw error;
  }
}

const commandNamed = (): string[] =>
  route(process.argv.slice(2), COMMANDS, GLOBAL_OPTIONS).path.map(({ name }) => name);

async function main(): Promise<number> {
  exitWhenReaderLeaves(process.stdout);
  exitWhenReaderLeaves(process.stderr);
  const session = new Session(new Terminal(process.stdout, process.stderr, process.env), process.env, SKYCTL_VERSION);
  try {
    return await run(session);
  } catch (error) {
    if (isHelp(error)) return EXIT.ok;
    const shown = usageOf(error, commandNamed) ?? error;
    process.stderr.write(`${renderError(shown, session.debug)}\n`);
    return exitCodeOf(shown);
  }
}

function leave(code: number): void {
  if (trace === undefined) process.exit(code);
  void trace.end(code).finally(() => process.exit(code));
}

process.once('SIGINT', () => leave(INTERRUPTED));
process.once('SIGTERM', () => leave(TERMINATED));
// Connections that are kept alive would hold the process; what was written to pipes and files is written already.
void main().then((code) => process.exit(code));
