/** A manifest from the web. */
import { CliError } from '../../cli/cli-error.js';
import { EXIT } from '../../cli/exit-codes.js';

const WITHIN_MS = 30_000;
/** What no manifest is larger than. */
const MOST_BYTES = 2 ** 25;

/** @throws CliError that names the address. */
export async function download(address: string): Promise<string> {
  const wrong = (what: string, cause?: unknown): CliError =>
    new CliError({ code: EXIT.unavailable, summary: `${address}: ${what}`, cause });
  const signal = AbortSignal.timeout(WITHIN_MS);
  try {
    const response = await fetch(address, {
      signal,
      headers: { accept: 'application/yaml, application/json, text/*, */*' },
    });
    if (!response.ok) throw wrong(`the server answered ${response.status} ${response.statusText}`.trimEnd());
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > MOST_BYTES) throw wrong(`it is larger than ${MOST_BYTES / 2 ** 20} MiB, which no manifest is`);
      chunks.push(chunk);
    }
    return new TextDecoder().decode(Buffer.concat(chunks));
  } catch (error) {
    if (error instanceof CliError) throw error;
    if (signal.aborted) throw wrong(`no answer within ${WITHIN_MS / 1_000} s`, error);
    const { cause, message } = error as Error;
    throw wrong(`it cannot be read: ${cause instanceof Error ? cause.message : message}`, error);
  }
}
