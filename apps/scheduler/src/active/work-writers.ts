/** The writers of the work subjects, one per cluster, made when first needed. */
import { workSubject } from '@skyflow/contracts';
import { type EventLog, type FoldedState, SubjectWriter } from '@skyflow/event-log';

export class WorkWriters {
  private readonly writers = new Map<string, SubjectWriter>();

  constructor(
    private readonly log: EventLog,
    private readonly state: FoldedState,
    private readonly writer: string,
  ) {}

  of(cluster: string): SubjectWriter {
    let writer = this.writers.get(cluster);
    if (writer === undefined) {
      writer = new SubjectWriter({
        log: this.log,
        subject: workSubject(cluster),
        writer: this.writer,
        state: this.state,
        sharesEntries: true,
      });
      this.writers.set(cluster, writer);
    }
    return writer;
  }

  async close(withinMs: number): Promise<void> {
    await Promise.all([...this.writers.values()].map((writer) => writer.close(withinMs)));
  }
}
