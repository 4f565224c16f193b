/** The parts of `--help` that commander does not write: examples, exit codes, where to look next. */
import type { CommandSpec, OptionSpec } from './command-spec.js';
import { EXIT_MEANINGS } from './exit-codes.js';

/** Understood by every command, before or after its name. */
export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { flags: '--server <url>', description: 'address of the SkyFlow gateway (SKYFLOW_SERVER)' },
  { flags: '--token <token>', description: 'access token (SKYFLOW_TOKEN)' },
  {
    flags: '--certificate-authority <file>',
    description: 'authority of the server’s certificate, PEM (SKYFLOW_CA_FILE)',
    complete: 'file',
  },
  { flags: '--as <user>', description: 'act as another user; takes the verb impersonate on it' },
  { flags: '--context <name>', description: 'context of the configuration file to use', complete: 'context' },
  { flags: '--request-timeout <duration>', description: 'give up on one request after this long (default 30s)' },
];

/** Of every command that works in a namespace. */
export const NAMESPACE_OPTION: OptionSpec = {
  flags: '-n, --namespace <name>',
  description: 'namespace (default: that of the context, else "default")',
  complete: 'namespace',
};

/** @param path words by which the command is called, after skyctl */
export function helpTail({ examples = [], subcommands = [] }: CommandSpec, path: string): string {
  const lines: string[] = [];
  if (examples.length > 0) {
    lines.push('', 'Examples:');
    for (const [line, what] of examples) lines.push(`  # ${what}`, `  ${line}`);
  }
  if (subcommands.length > 0) lines.push('', `"skyctl ${path} COMMAND --help" shows a command's flags and examples.`);
  return lines.join('\n');
}

/** What the environment says to every command. */
export const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['SKYFLOW_SERVER', 'instead of --server'],
  ['SKYFLOW_TOKEN', 'instead of --token'],
  ['SKYFLOW_CA_FILE', 'instead of --certificate-authority'],
  ['SKYFLOW_HOME', 'where config.yaml is (default ~/.skyflow)'],
  ['SKYFLOW_EDITOR', 'editor of "edit"; else KUBE_EDITOR, VISUAL, EDITOR'],
  ['KUBECTL_EXTERNAL_DIFF', 'program of "diff" (default diff -u -N)'],
  ['NO_COLOR', 'no colours'],
  ['SKYCTL_DEBUG=1', 'show stacks of errors, and each request'],
];
const ENVIRONMENT_WIDTH = 24;

export function rootHelpTail(): string {
  const codes = EXIT_MEANINGS.map(([code, meaning]) => `  ${code}  ${meaning}`);
  return [
    '',
    'Exit codes:',
    ...codes,
    '',
    'Environment:',
    ...ENVIRONMENT.map(([name, what]) => `  ${name.padEnd(ENVIRONMENT_WIDTH)}${what}`),
    '',
    '"skyctl COMMAND --help" shows a command\'s flags and examples.',
  ].join('\n');
}
