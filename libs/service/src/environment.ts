/** Settings from flags, environment variables and files: checked once at start, wrong values named with the rule and the way out. */
import { readFileSync } from 'node:fs';
import { FEATURE_LEVEL, FIRST_LEVEL } from '@skyflow/contracts';
import { z } from 'zod';
import { flagOf, isSecret, withFlags, type SettingsFlags } from './settings-flags.js';

/** A service cannot start with the environment it was given. The message is for people. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

/** Common to every service. */
export const serviceEnvironment = {
  SKYFLOW_NATS_URL: z
    .string()
    .default('nats://127.0.0.1:4222')
    .describe('where nats-server is, nats://host:port; the nodes of a cluster of them with commas between'),
  SKYFLOW_NATS_REPLICAS: z.coerce
    .number()
    .pipe(z.union([z.literal(1), z.literal(3), z.literal(5)], 'must be 1, 3 or 5'))
    .optional()
    .describe('copies of the log on as many nodes: 1, 3 or 5; checked, and made so when the log is new'),
  SKYFLOW_NATS_TOKEN: z.string().optional().describe('token that nats-server asks for'),
  SKYFLOW_NATS_KEY_FILE: z
    .string()
    .optional()
    .describe('file with the nkey (seed) that nats-server knows this service by; read again at every connect'),
  SKYFLOW_NATS_CA_FILE: z.string().optional().describe('authority of the certificate of nats-server (PEM); then TLS'),
  SKYFLOW_HEALTH_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65535)
    .default(0)
    .describe('port of /livez, /readyz, /metrics; 0: any'),
  SKYFLOW_HEALTH_HOST: z
    .string()
    .default('127.0.0.1')
    .describe('address of /livez, /readyz, /metrics; 0.0.0.0 lets a kubelet and Prometheus in'),
  SKYFLOW_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])
    .default('info')
    .describe('least level that is logged'),
  SKYFLOW_FEATURE_LEVEL: z.coerce
    .number()
    .int()
    .min(FIRST_LEVEL)
    .max(FEATURE_LEVEL)
    .optional()
    .describe(
      `feature level up to which it works, as an older version would: holds back what a newer one brings; absent: ${FEATURE_LEVEL}`,
    ),
  SKYFLOW_SNAPSHOT_DIR: z.string().optional().describe('folder for snapshots of folds; absent: none are kept'),
};

/**
 * Reads and checks the variables that `shape` names. What is not set is read from the file that NAME_FILE names, without the last line
 * end: so secrets reach a container as files, as Docker's own images take them.
 * @param flags of the command line, which win over the environment
 * @throws EnvironmentError naming every wrong flag and variable, its value, the rule and what it is for.
 */
export function readEnvironment<S extends z.ZodRawShape>(
  shape: S,
  environment: NodeJS.ProcessEnv = process.env,
  flags: SettingsFlags = NO_FLAGS,
): z.infer<z.ZodObject<S>> {
  const merged = withFlags(environment, flags);
  const problems = [...flags.problems];
  const unreadable = new Set<string>();
  const given: Record<string, string> = {};
  for (const name of Object.keys(shape)) {
    try {
      const value = merged[name] ?? valueOfFile(name, shape, merged);
      if (value !== undefined && value !== '') given[name] = value;
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      problems.push(error.message);
      unreadable.add(name);
    }
  }
  const result = z.object(shape).safeParse(given);
  if (result.success && problems.length === 0) return result.data;
  for (const issue of result.error?.issues ?? []) {
    const name = String(issue.path[0]);
    if (unreadable.has(name)) continue;
    const field = shape[name] as z.ZodType | undefined;
    const value = given[name] === undefined ? 'not set' : `"${shownValue(name, given[name])}"`;
    const what = `${nameOf(name, flags)} is ${value}: ${issue.message}. It is ${field?.description ?? 'a setting'}`;
    problems.push(`${what}; set it in the environment${isSecret(name) ? '' : ` or with ${flagOf(name)}`}.`);
  }
  throw new EnvironmentError(problems.join('\n'));
}

const NO_FLAGS: SettingsFlags = { values: {}, problems: [] };

/** As it was given. */
const nameOf = (name: string, { values }: SettingsFlags): string => (Object.hasOwn(values, name) ? flagOf(name) : name);

/** @throws EnvironmentError when there is no such file. */
function valueOfFile(name: string, shape: z.ZodRawShape, environment: NodeJS.ProcessEnv): string | undefined {
  const file = environment[`${name}_FILE`];
  if (file === undefined || file === '' || Object.hasOwn(shape, `${name}_FILE`)) return undefined;
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EnvironmentError(
      `${name}_FILE is "${file}": ${reason}. It names the file that holds ${name}; make it readable, or set ${name} itself.`,
      { cause: error },
    );
  }
}

/** The value as it may be seen: nothing of a secret, no password in an address. */
export function shownValue(name: string, value: string): string {
  if (isSecret(name)) return '…';
  return value.replaceAll(/(\w:\/\/)[^/@\s]*@/g, '$1…@');
}

/** Where a value comes from, for people. */
export function sourceOf(
  name: string,
  shape: z.ZodRawShape,
  environment: NodeJS.ProcessEnv,
  flags: SettingsFlags = NO_FLAGS,
): string {
  if (Object.hasOwn(flags.values, name)) return `flag ${flagOf(name)}`;
  const merged = withFlags(environment, flags);
  if ((merged[name] ?? '') !== '') return 'environment';
  const file = merged[`${name}_FILE`] ?? '';
  return file === '' || Object.hasOwn(shape, `${name}_FILE`) ? 'default' : `file ${file}`;
}
