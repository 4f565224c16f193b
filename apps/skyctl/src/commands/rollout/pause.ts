/** `skyctl rollout pause` and `resume`. */
import { CliError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { DEPLOYMENT } from '../../gateway/kinds.js';
import { type Workload, isPaused, patch, read, workloadsNamed } from './workloads.js';

export const pause: CommandHandler = async (session, call) => {
  const gateway = await session.gateway();
  for (const named of await workloadsNamed(session, call)) {
    const before = await read(gateway, named);
    if (isPaused(before)) throw already(`${named.label} is paused already`);
    const paused = named.kind === DEPLOYMENT ? { paused: true } : { placement: { rollout: { paused: true } } };
    await patch(gateway, named, { spec: paused });
    session.terminal.line(`${named.label} paused`);
  }
  return EXIT.ok;
};

export const resume: CommandHandler = async (session, call) => {
  const gateway = await session.gateway();
  for (const named of await workloadsNamed(session, call)) {
    const before = await read(gateway, named);
    if (!isPaused(before)) throw already(`${named.label} is not paused`);
    await patch(gateway, named, { spec: { ...pausedBy(before), ...withoutPause(before) } });
    session.terminal.line(`${named.label} resumed`);
  }
  return EXIT.ok;
};

const pausedBy = ({ spec }: Workload): object => (spec.paused === true ? { paused: null } : {});

/** What was made only for the pause goes with it. */
function withoutPause({ spec: { placement } }: Workload): object {
  if (placement?.rollout?.paused !== true) return {};
  if (Object.keys(placement.rollout).length > 1) return { placement: { rollout: { paused: null } } };
  return Object.keys(placement).length > 1 ? { placement: { rollout: null } } : { placement: null };
}

const already = (summary: string): CliError => new CliError({ code: EXIT.failure, summary });
