/** The join token that an agent is given: a file, which whoever joins the cluster puts there and may replace at any time. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

export interface JoinToken {
  text: string;
  /** Tells it from others; nobody comes in with it. */
  id: string;
}

/** Undefined: there is none. @throws Error when the file cannot be read */
export async function readJoinToken(path: string | undefined): Promise<JoinToken | undefined> {
  if (path === undefined) return undefined;
  try {
    const text = (await readFile(path, 'utf8')).trim();
    return text === '' ? undefined : { text, id: joinTokenId(text) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`the join token in ${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

export const joinTokenId = (text: string): string => createHash('sha256').update(text).digest('base64url');
