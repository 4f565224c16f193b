/**
 * Settings as flags of a service: `--nats-url URL` or `--nats-url=URL` is SKYFLOW_NATS_URL, `--token-file FILE` is SKYFLOW_TOKEN_FILE.
 * A flag wins over the environment, that over a file. Secrets have no flag of their own, since everybody on a machine sees its command
 * lines: they come in files.
 */
import type { z } from 'zod';

export interface SettingsFlags {
  /** By variable. */
  readonly values: Readonly<Record<string, string>>;
  /** What is wrong, for people; each line is one flag. */
  readonly problems: readonly string[];
}

/** Flags that are no settings: every service has them. */
const ACTIONS = ['--print-config', '--help'];

/** `--nats-url` of SKYFLOW_NATS_URL. */
export const flagOf = (name: string): string =>
  `--${name
    .replace(/^SKYFLOW_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}`;

/** Whether a value may not be seen: its variable says so by its name. Files that hold secrets are named. */
export const isSecret = (name: string): boolean =>
  /TOKEN|KEY|SECRET|PASSWORD|HEADERS/.test(name) && !name.endsWith('_FILE');

export function readFlags(args: readonly string[], shape: z.ZodRawShape): SettingsFlags {
  const byFlag = flagsOf(shape);
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    if (ACTIONS.includes(word)) continue;
    const [, flag = word, inline] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
    const name = byFlag.get(flag);
    if (name === undefined) {
      problems.push(`"${flag}" is no flag of this service; --help shows those that there are.`);
      continue;
    }
    const next = args[at + 1];
    const value = inline ?? (next === undefined || next.startsWith('--') ? undefined : next);
    if (inline === undefined && value !== undefined) at += 1;
    if (value === undefined) {
      problems.push(`${flag} needs a value: write ${flag} VALUE or ${flag}=VALUE.`);
    } else if (isSecret(name)) {
      problems.push(
        `${flag} is a secret, and everybody on the machine sees command lines: give a file with ${flag}-file FILE, or set ${name} in the environment.`,
      );
    } else values[name] = value;
  }
  return { values, problems };
}

/** The environment with the flags over it: a file that is named by flag wins over a value in the environment. */
export function withFlags(environment: NodeJS.ProcessEnv, { values }: SettingsFlags): NodeJS.ProcessEnv {
  const merged = { ...environment };
  for (const [name, value] of Object.entries(values)) {
    if (name.endsWith('_FILE')) Reflect.deleteProperty(merged, name.slice(0, -'_FILE'.length));
    merged[name] = value;
  }
  return merged;
}

/** For `--help`. */
export function usage(service: string, shape: z.ZodRawShape): string {
  const lines = Object.entries(shape).flatMap(([name, field]) => {
    const { description = 'a setting' } = field as z.ZodType;
    const flag = isSecret(name) ? `${flagOf(name)}-file FILE` : `${flagOf(name)} VALUE`;
    return [`  ${flag} (${name})`, `      ${description}`];
  });
  return `${[
    `Usage: ${service} [--print-config] [--flag VALUE ...]`,
    '',
    'A flag wins over the variable in brackets; NAME_FILE, or --name-file, names a file with the value of NAME.',
    '--print-config prints what the service would run with, without secrets, and where each value comes from.',
    '',
    ...lines,
  ].join('\n')}\n`;
}

function flagsOf(shape: z.ZodRawShape): ReadonlyMap<string, string> {
  const names = Object.keys(shape).flatMap((name) => (name.endsWith('_FILE') ? [name] : [name, `${name}_FILE`]));
  return new Map(names.map((name) => [flagOf(name), name]));
}
