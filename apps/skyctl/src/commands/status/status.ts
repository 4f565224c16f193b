/** `skyctl status`: once, or as a screen that goes on. */
import { CliError, usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { CLUSTER, DEPLOYMENT, JOB } from '../../gateway/kinds.js';
import { LiveObjects } from '../../gateway/live-objects.js';
import type { Session } from '../../session.js';
import { statusFrame } from './status-frame.js';
import type { ServiceState } from './status-frame.js';

/** What the gateway answers at `/status`. */
interface ServerStatus {
  services?: readonly ServiceState[];
}

/** Services tell nobody when they change. */
const ASK_SERVICES_EVERY_MS = 3_000;

export const status: CommandHandler = async (session, { flags }) => {
  const { terminal } = session;
  const past = flags.has('at');
  if (past && flags.on('watch')) throw usageError('--at and -w contradict each other', 'the past does not change');
  const gateway = await session.gateway();
  const objects = new LiveObjects(session, [CLUSTER, JOB, DEPLOYMENT]);
  const [services] = await Promise.all([past ? [] : servicesOf(gateway), objects.load()]);
  const frame = (now: readonly ServiceState[], lost?: string): string =>
    statusFrame({
      clusters: objects.of(CLUSTER),
      jobs: objects.of(JOB),
      deployments: objects.of(DEPLOYMENT),
      services: now,
      nowMs: Date.now(),
      terminal,
      ...(lost === undefined ? {} : { lost }),
    });
  if (!flags.on('watch')) {
    terminal.line(frame(services));
    return EXIT.ok;
  }
  if (!terminal.isTerminal) throw usageError('--watch draws on a terminal, and there is none', 'leave it out');
  await watchStatus(session, gateway, objects, frame, services);
  return EXIT.ok;
};

async function watchStatus(
  session: Session,
  gateway: GatewayClient,
  objects: LiveObjects,
  frame: (services: readonly ServiceState[], lost?: string) => string,
  services: readonly ServiceState[],
): Promise<void> {
  const { showLive } = await import('../../output/live-screen.js');
  let current = services;
  let lost: string | undefined;
  await showLive(session, {
    frame: () => frame(current, lost),
    follow: async (changed, signal) => {
      const clock = setInterval(() => {
        void servicesOf(gateway)
          .then((next) => {
            current = next;
            lost = undefined;
          })
          .catch((error: unknown) => {
            lost = (error as Error).message;
          })
          .finally(changed);
      }, ASK_SERVICES_EVERY_MS);
      try {
        await objects.follow(changed, signal, (error) => {
          lost = error?.message;
          changed();
        });
      } finally {
        clearInterval(clock);
      }
    },
  });
}

async function servicesOf(gateway: GatewayClient): Promise<readonly ServiceState[]> {
  try {
    const { body } = await gateway.json<ServerStatus>({ path: '/status' });
    return body.services ?? [];
  } catch (error) {
    // Other servers of the same API need not have this route.
    if (error instanceof CliError && error.code === EXIT.notFound) return [];
    throw error;
  }
}
