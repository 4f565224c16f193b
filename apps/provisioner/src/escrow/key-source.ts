/** Where the keys of sealed copies come from: a file, the environment, or a command that asks a key management service. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { EscrowKeys, keyLines, noKey } from './escrow-keys.js';

/** As Kubernetes waits for a credential plugin, and more. */
const ANSWERS_WITHIN_MS = 30_000;

export interface KeySettings {
  /** File; its keys open what was sealed with them also where others seal. */
  SKYFLOW_SEALING_KEYS?: string | undefined;
  SKYFLOW_ESCROW_KEYS?: string | undefined;
  SKYFLOW_ESCROW_KEYS_COMMAND?: string | undefined;
}

/**
 * The file is read whenever a key is needed, so that one may be put into it; the command runs once, when the service starts.
 * @throws ProvisionError when what is named gives no keys
 */
export async function escrowKeysOf(settings: KeySettings): Promise<() => EscrowKeys> {
  const { SKYFLOW_SEALING_KEYS: file, SKYFLOW_ESCROW_KEYS: text, SKYFLOW_ESCROW_KEYS_COMMAND: command } = settings;
  if (command === undefined && text === undefined) return () => EscrowKeys.read(file);
  const setting = command === undefined ? 'SKYFLOW_ESCROW_KEYS' : COMMAND;
  const given = keyLines(command === undefined ? (text ?? '') : await outputOf(command));
  new EscrowKeys(given, setting);
  const keys = new EscrowKeys([...given, ...(file === undefined ? [] : EscrowKeys.linesOf(file))], setting);
  return () => keys;
}

const COMMAND = 'SKYFLOW_ESCROW_KEYS_COMMAND';
const run = promisify(execFile);

/** Its output is a secret, and is in no message. */
async function outputOf(command: string): Promise<string> {
  try {
    return (await run('/bin/sh', ['-c', command], { timeout: ANSWERS_WITHIN_MS })).stdout;
  } catch (error) {
    const { code, killed, stderr = '' } = error as { code?: number | string; killed?: boolean; stderr?: string };
    if (code === 'ENOENT') throw noKey('there is no /bin/sh here to run it', COMMAND);
    const how =
      killed === true ? `had no answer within ${String(ANSWERS_WITHIN_MS / 1_000)} s` : `ended with ${String(code)}`;
    throw noKey(`it ${how}: ${stderr.trim()}`, COMMAND);
  }
}
