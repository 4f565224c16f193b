/**
 * The trace of a command: one per line typed, of which everything that follows from it in SkyFlow is part. Recorded where OTEL_* asks
 * for it; a trace that the command is part of (TRACEPARENT, as CI systems set it) is joined and handed on in any case.
 */
import { installRecorder, parseTraceparent, startSpan, type Span } from '@skyflow/telemetry';

/** A collector that is away must not hold up the prompt. */
const FLUSH_MS = 1_000;

export interface CommandTrace {
  /** Parent of the command's requests; undefined: there is no trace. */
  readonly traceparent: string | undefined;
  /** Sends the trace, as far as that is quickly done. @param error why the command failed */
  end(exitCode: number, error?: unknown): Promise<void>;
}

/** @param name the command without its arguments: `skyctl create job` */
export async function traceCommand(name: string, env: NodeJS.ProcessEnv, version: string): Promise<CommandTrace> {
  const parent = parseTraceparent(env.TRACEPARENT) === undefined ? undefined : env.TRACEPARENT;
  const asksForTraces = (env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT ?? '') !== '';
  if (!asksForTraces) return { traceparent: parent, end: () => Promise.resolve() };
  const { otlpTracing } = await import('./otlp.js');
  const tracing = await otlpTracing(env, version);
  installRecorder(tracing?.record);
  const span = startSpan(name, { parent });
  return {
    traceparent: span.traceparent,
    end: async (exitCode, error) => {
      finish(span, exitCode, error);
      const late = new Promise((resolve) => setTimeout(resolve, FLUSH_MS).unref());
      await Promise.race([tracing?.shutdown().catch(() => undefined), late]);
    },
  };
}

function finish(span: Span, exitCode: number, error: unknown): void {
  span.set({ 'process.exit.code': exitCode });
  if (exitCode !== 0) span.fail(error ?? new Error(`exit code ${exitCode}`));
  span.end();
}
