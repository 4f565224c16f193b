/**
 * Kubernetes' protocol of `exec` over WebSocket (v5.channel.k8s.io): each message begins with the number of its channel
 * (k8s.io/apimachinery/pkg/util/remotecommand). Pure: bytes in, bytes out.
 */

/** In the order in which we would rather have them. */
export const EXEC_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;

export type ExecMessage =
  | { type: 'output'; bytes: Uint8Array }
  /** The command has ended, or could not be started. */
  | { type: 'end'; code: number; message: string };

export interface ExecAsked {
  namespace: string;
  /** `<pod>.<cluster>` */
  pod: string;
  container: string;
  command: readonly string[];
}

/** Path of the connection below the gateway. */
export function execPath({ namespace, pod, container, command }: ExecAsked): string {
  const query = new URLSearchParams({ container, stdin: 'true', stdout: 'true', stderr: 'false', tty: 'true' });
  for (const word of command) query.append('command', word);
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/exec?${query.toString()}`;
}

/** What was typed. */
export const inputMessage = (text: string): Uint8Array<ArrayBuffer> => onChannel(STDIN, text);

export const resizeMessage = (columns: number, rows: number): Uint8Array<ArrayBuffer> =>
  onChannel(RESIZE, JSON.stringify({ Width: columns, Height: rows }));

function onChannel(channel: number, text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  const message = new Uint8Array(bytes.length + 1);
  message[0] = channel;
  message.set(bytes, 1);
  return message;
}

/** Undefined: a message that says nothing to us, such as the empty one that opens a channel. */
export function readMessage(data: ArrayBuffer): ExecMessage | undefined {
  const bytes = new Uint8Array(data);
  const rest = bytes.subarray(1);
  if (bytes[0] === ERROR && rest.length > 0) return endOf(new TextDecoder().decode(rest));
  if ((bytes[0] === STDOUT || bytes[0] === STDERR) && rest.length > 0) return { type: 'output', bytes: rest };
  return undefined;
}

interface Status {
  status?: string;
  message?: string;
  details?: { causes?: { reason?: string; message?: string }[] };
}

function endOf(text: string): ExecMessage {
  let status: Status;
  try {
    status = JSON.parse(text) as Status;
  } catch {
    // Older clusters say it in plain words.
    return { type: 'end', code: 1, message: text };
  }
  if (status.status === 'Success') return { type: 'end', code: 0, message: '' };
  const exit = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  return { type: 'end', code: Number(exit ?? 1), message: status.message ?? '' };
}

/** A command line as words; quotes keep spaces. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
}
