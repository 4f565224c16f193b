/** What probes on the nodes of this cluster tell: whether nodes reach pods of other clusters. Kept for as long as they go on telling. */
import type { TLSSocket } from 'node:tls';
import { type NodeReport, nodeReportSchema } from '@skyflow/contracts';

/** Said when a report was read: an end alone could be that of a session that was refused. */
export const REPORT_TAKEN = 'taken\n';

const NEWLINE = 0x0a;
const MOST_BYTES = 256 * 1024;
const WITHIN_MS = 5_000;
/** Six rounds of a probe. */
const KEPT_MS = 60_000;
const MOST_NODES = 10_000;

export class NodeBook {
  private readonly reports = new Map<string, { report: NodeReport; atMs: number }>();

  /** @param clock ms, from any start. */
  constructor(private readonly clock = (): number => performance.now()) {}

  list(): NodeReport[] {
    const nowMs = this.clock();
    for (const [node, { atMs }] of this.reports) if (nowMs - atMs > KEPT_MS) this.reports.delete(node);
    return [...this.reports.values()].map(({ report }) => report).sort((a, b) => (a.node < b.node ? -1 : 1));
  }

  /** Reads one report, JSON up to the end of its line, and says that it is taken. @param onBad it is none. */
  take(socket: TLSSocket, onBad: (why: string) => void): void {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const bad = (why: string): void => {
      onBad(why);
      socket.destroy();
    };
    const timer = setTimeout(() => bad(`its report was not whole within ${WITHIN_MS} ms`), WITHIN_MS);
    socket.once('close', () => clearTimeout(timer));
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > MOST_BYTES) bad(`its report has more than ${MOST_BYTES} bytes`);
      else if (chunk.at(-1) === NEWLINE) this.read(socket, Buffer.concat(chunks).toString(), bad);
    });
  }

  private read(socket: TLSSocket, text: string, bad: (why: string) => void): void {
    try {
      this.note(nodeReportSchema.parse(JSON.parse(text)));
      socket.end(REPORT_TAKEN);
    } catch (error) {
      bad(`its report cannot be read: ${(error as Error).message}`);
    }
  }

  private note(report: NodeReport): void {
    if (this.reports.size < MOST_NODES || this.reports.has(report.node)) {
      this.reports.set(report.node, { report, atMs: this.clock() });
    }
  }
}
