/**
 * Commands on the log: decided against the fold when their commit is made up, committed together with whatever else waits.
 * A command that depends on another one of the same commit waits for the next commit.
 */
import { type RawEntry, commandSubject, entryVersion, positionOf } from '@skyflow/contracts';
import {
  type Accepted,
  BatchScope,
  type ObjectCommand,
  type ObjectRecord,
  QuotaClaims,
  type Rejection,
  decideObjects,
  isRejection,
} from '@skyflow/domain';
import {
  AppendRefusedError,
  type Decision,
  type EventLog,
  LogUnavailableError,
  type FoldedState,
  SubjectWriter,
} from '@skyflow/event-log';
import { StatusError } from '@skyflow/apimachinery';
import { followSpan, inSpan } from '@skyflow/telemetry';
import type { CommandOrigin, CommandOutcome, CommandSink } from './command-sink.js';
import type { ReadModel } from './read-model.js';

export interface CommandLogOptions {
  log: EventLog;
  state: FoldedState;
  model: ReadModel;
  /** `<service>/<instance>` */
  writer: string;
  nowMs?: () => number;
  /** Undefined: the log can be reached. Text: why not; nothing is tried then, so that the outcome is known. */
  unreachable?: () => string | undefined;
}

interface Decided {
  accepted: Accepted[];
  before: (ObjectRecord | undefined)[];
  at: number;
}

type Refusal = (Rejection & { index: number }) | 'later';

const CLOSE_WITHIN_MS = 1_000;

export class CommandLog implements CommandSink {
  private readonly writer: SubjectWriter;
  private scope = new BatchScope();
  private claims = QuotaClaims.none();
  private readonly nowMs: () => number;

  constructor(private readonly options: CommandLogOptions) {
    this.nowMs = options.nowMs ?? Date.now;
    this.writer = new SubjectWriter({
      log: options.log,
      subject: commandSubject(),
      writer: options.writer,
      state: options.state,
      manyWriters: true,
      // Objects come from JSON, and nobody changes them once they are decided.
      sharesEntries: true,
      overlay: {
        clear: () => {
          this.scope = new BatchScope();
          this.claims = QuotaClaims.none();
        },
        add: () => undefined,
      },
    });
  }

  async submit(commands: readonly ObjectCommand[], origin: CommandOrigin): Promise<CommandOutcome> {
    this.requireLog();
    const span = followSpan(`send ${commandSubject()}`, origin.trace, {
      kind: 'producer',
      attributes: { 'messaging.system': 'nats', 'messaging.destination.name': commandSubject() },
    });
    const followed = span.traceparent === undefined ? origin : { ...origin, trace: span.traceparent };
    return inSpan(span, async () => {
      for (;;) {
        const outcome = await this.decideAndAppend(commands, followed);
        if (outcome !== 'later') return outcome;
      }
    });
  }

  async surely<T>(read: () => T): Promise<T> {
    this.requireLog();
    const submitted = await this.writer
      .submit<T>(() => ({ entries: [], result: read() }))
      .catch((error: unknown) => {
        throw asStatusError(error);
      });
    return (submitted as Extract<typeof submitted, { ok: true }>).result;
  }

  /** Lets writes under way finish; those that take longer fail with an unknown outcome. */
  close(): Promise<void> {
    return this.writer.close(CLOSE_WITHIN_MS);
  }

  private requireLog(): void {
    const why = this.options.unreachable?.();
    if (why !== undefined) throw unavailable(`the log cannot be reached (${why}); nothing was changed`);
  }

  private async decideAndAppend(
    commands: readonly ObjectCommand[],
    origin: CommandOrigin,
  ): Promise<CommandOutcome | 'later'> {
    const submitted = await this.writer
      .submit<Decided, Refusal>(() => this.decide(commands, origin))
      .catch((error: unknown) => {
        throw asStatusError(error);
      });
    if (!submitted.ok) return submitted.refusal === 'later' ? 'later' : submitted.refusal;
    const { result, seq } = submitted;
    let { index } = submitted;
    if (result.accepted.some(({ entries }) => entries.length > 0)) this.options.model.wrote(seq);
    return result.accepted.map((accepted, nth) => {
      const position = accepted.entries.length === 0 ? undefined : positionOf(seq, index);
      index += accepted.entries.length;
      return { ...accepted, position, before: result.before[nth], at: result.at };
    });
  }

  private decide(commands: readonly ObjectCommand[], origin: CommandOrigin): Decision<Decided, Refusal> {
    if (!this.scope.admit(...commands)) return { refuse: 'later' };
    const { state } = this.options.model;
    const at = this.nowMs();
    const result: Decided = { accepted: [], before: [], at };
    const entries: RawEntry[] = [];
    let claims = this.claims;
    for (const [index, command] of commands.entries()) {
      const decision = decideObjects(state, command, claims);
      if (isRejection(decision)) return { refuse: { ...decision, index } };
      result.accepted.push(decision);
      const { kind, namespace = '', name } = decision.ref;
      claims = claims.with(namespace, decision.claim);
      result.before.push(command.verb === 'create' ? undefined : state.table.get(kind, namespace, name));
      for (const [nth, draft] of decision.entries.entries()) {
        const v = entryVersion(draft.type);
        entries.push({ v, ...envelope(origin, at, nth === 0 ? command.key : undefined), ...draft });
      }
    }
    this.claims = claims;
    return { entries, result };
  }
}

/** What every entry carries besides its data. Keys are the client's own in the log; the fold adds the actor. */
function envelope(origin: CommandOrigin, at: number, key: string | undefined): Omit<RawEntry, 'type' | 'v' | 'data'> {
  return {
    at,
    actor: origin.actor,
    corr: origin.correlationId,
    ...(origin.trace === undefined ? {} : { trace: origin.trace }),
    ...(key === undefined ? {} : { idem: key.slice(origin.actor.length + 1) }),
  };
}

function asStatusError(error: unknown): unknown {
  if (error instanceof LogUnavailableError) {
    return unavailable(
      'the log did not answer in time, so it is not known whether this was carried out; look before you repeat it, ' +
        'or send an Idempotency-Key header, with which repeating is safe',
      error,
    );
  }
  if (error instanceof AppendRefusedError) {
    return new StatusError(413, 'RequestEntityTooLarge', `the log does not take this: ${error.message}`, undefined, {
      cause: error,
    });
  }
  return error;
}

const unavailable = (message: string, cause?: unknown): StatusError =>
  new StatusError(503, 'ServiceUnavailable', message, { retryAfterSeconds: 2 }, { cause });
