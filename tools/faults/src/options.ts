/** The command line of `npm run test:faults`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { notBuilt } from './system/checkouts.js';

export interface FaultOptions {
  seed: number;
  /** How long faults come. */
  seconds: number;
  /** Of every service. */
  instances: number;
  /** Waits that were too long are told of, and no fault: something else has the machine, too. */
  waitsAreTold: boolean;
  /** Instead of faults: a steady rate for so long. */
  soakMinutes?: number;
  /** Checkout of another version, whose programs are every other instance of each service. */
  beside?: string;
  /** Folder that gets the log of every process and the timeline. */
  logs?: string;
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const DEFAULT_SECONDS = 75;
/** Shorter, there is nothing but warming up. */
const LEAST_SOAK_MINUTES = 3;

export const USAGE = `Usage: npm run test:faults -- [--seed N] [--seconds N] [--instances N] [--waits judged|told] [--beside DIR] [--logs DIR]
       npm run test:faults -- --soak MINUTES [--instances N] [--logs DIR]

Three nats-servers, two of every service and two member clusters as processes; faults in an order that the seed gives again, while clients
write and read. Ends with one line, and with exit code 1 unless all of it is 0:

  lost N doubled N stale N regressed N

  --seed N       default: another one each time; in CI SKYFLOW_PROPERTY_SEED
  --seconds N    how long faults come: default ${DEFAULT_SECONDS}, 600 for ten minutes, 3600 for an hour
  --instances N  of every service, default 2
  --waits HOW    judged (default): a wait longer than the time of a lease fails it; told: beside a compiler, which takes its part of such a wait
  --beside DIR   two versions side by side: every other instance of a service, and the agents at first, are the programs of that checkout, which
                 is built already; services exchange their versions as one of the faults, as an upgrade and the way back do
  --soak MINUTES no faults: a steady rate with churn for so long; memory, file descriptors, threads, and what nats-server holds must not
                 grow. Ends with "soak: flat", or what grows and exit code 1. Five minutes tell something, an hour is meant.
  --logs DIR     keep the log of every process there, and timeline.log: each fault, each process that ends or starts, each
                 long wait; the log of a run that failed; of a soak what was measured`;

/** @throws UsageError */
export function parseOptions(args: readonly string[], environment: NodeJS.ProcessEnv, random: number): FaultOptions {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string' },
        seconds: { type: 'string' },
        instances: { type: 'string' },
        waits: { type: 'string', default: 'judged' },
        beside: { type: 'string' },
        soak: { type: 'string' },
        logs: { type: 'string' },
      },
    }));
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
  if (!['judged', 'told'].includes(values.waits)) {
    throw new UsageError(`--waits ${values.waits}: must be judged or told.\n\n${USAGE}`);
  }
  const beside = values.beside === undefined ? undefined : resolve(values.beside);
  const trouble = beside === undefined ? undefined : notBuilt(beside);
  if (trouble !== undefined) throw new UsageError(`--beside ${values.beside}: ${trouble}`);
  const soakMinutes = whole('soak', values.soak, LEAST_SOAK_MINUTES);
  return {
    ...(soakMinutes === undefined ? {} : { soakMinutes }),
    ...(beside === undefined ? {} : { beside }),
    ...(values.logs === undefined ? {} : { logs: resolve(values.logs) }),
    waitsAreTold: values.waits === 'told',
    seed: whole('seed', values.seed ?? environment.SKYFLOW_PROPERTY_SEED, 0) ?? random,
    seconds: whole('seconds', values.seconds, 1) ?? DEFAULT_SECONDS,
    instances: whole('instances', values.instances, beside === undefined ? 1 : 2) ?? 2,
  };
}

function whole(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d{1,12}$/.test(text) && value >= least) return value;
  throw new UsageError(`--${name} ${text}: must be a whole number of at least ${least}.\n\n${USAGE}`);
}
