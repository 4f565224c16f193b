/** `skyctl logs -l`: the logs of all pods with some labels, of every cluster; one after the other, or followed together. */
import { CliError, renderError, usageError } from '../../cli/cli-error.js';
import { EXIT, type ExitCode, exitCodeOfAll } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import { CLUSTER_LABEL, POD, objectPath } from '../../gateway/kinds.js';
import { listObjects } from '../../gateway/listing.js';
import type { OutputStream } from '../../output/terminal.js';
import type { Session } from '../../session.js';
import { copyLog } from './copy-log.js';
import type { LogQuery } from './follow-log.js';

const FOLLOWED_AT_ONCE = 20;

/** @throws CliError when one cannot be read, unless errors are ignored */
export async function podLogs(
  session: Session,
  flags: Flags,
  labelSelector: string,
  query: LogQuery,
  sink: OutputStream,
): Promise<ExitCode> {
  const gateway = await session.gateway();
  const namespace = await session.namespace();
  const cluster = flags.text('cluster');
  const { items } = await listObjects(gateway, POD, { namespace, labelSelector });
  const names = items
    .filter(({ object }) => cluster === undefined || object.metadata.labels?.[CLUSTER_LABEL] === cluster)
    .map(({ object }) => object.metadata.name);
  if (names.length === 0) {
    session.terminal.note(`No pods with ${labelSelector} found in namespace ${namespace}.`);
    return EXIT.ok;
  }
  const most = flags.wholeNumber('max-log-requests', 1) ?? FOLLOWED_AT_ONCE;
  if (query.follow === true && names.length > most) {
    throw usageError(
      `${names.length} pods are more than --max-log-requests ${most} follows`,
      'allow more, or choose fewer',
    );
  }
  const codes: ExitCode[] = [];
  const one = async (name: string): Promise<void> => {
    try {
      const own = flags.on('prefix') ? prefixed(sink, `[${name}] `) : sink;
      await copyLog(session, gateway, objectPath(POD, namespace, name), query, own);
    } catch (error) {
      if (!(error instanceof CliError) || !flags.on('ignore-errors')) throw error;
      session.terminal.note(renderError(error, session.debug));
      codes.push(error.code);
    }
  };
  if (query.follow === true) await Promise.all(names.map(one));
  else for (const name of names) await one(name);
  return codes.length === names.length ? exitCodeOfAll(codes) : EXIT.ok;
}

/** Before each line. What comes of a log ends with whole lines, but its chunks need not. */
function prefixed(sink: OutputStream, prefix: string): OutputStream {
  let atStart = true;
  return Object.assign(Object.create(sink) as OutputStream, {
    write: (chunk: string | Uint8Array): unknown => {
      // latin1 keeps every byte as it is, whatever the text is encoded in.
      const text = Buffer.from(chunk as string).toString('latin1');
      const lines = text.replaceAll(/(^|\n)(?=[^])/g, (_all, end: string, at: number) =>
        end === '' && at === 0 && !atStart ? '' : `${end}${prefix}`,
      );
      atStart = text.endsWith('\n');
      return sink.write(Buffer.from(lines, 'latin1'));
    },
  });
}
