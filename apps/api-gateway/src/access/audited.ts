/** Refusals of routes where nobody is anybody yet: wrong passwords, used invites, too many tries. */
import type { FastifyRequest } from 'fastify';
import { StatusError } from '@skyflow/apimachinery';
import type { Gatekeeper } from './gatekeeper.js';

/** Runs it; a refusal is audited, with the user whose name was given, and thrown. Never what was given as a secret. */
export async function audited<T>(
  gatekeeper: Pick<Gatekeeper, 'noteRefusal'>,
  request: FastifyRequest,
  { user, verb }: { user?: string; verb: string },
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof StatusError && (error.code === 401 || error.code === 403 || error.code === 429)) {
      gatekeeper.noteRefusal(request.raw, error.code, { verb, ...(user === undefined ? {} : { user }) });
    }
    throw error;
  }
}
