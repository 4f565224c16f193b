/** What OpenTelemetry's parts complain of (a collector that is away), to a logger; the same once a minute. */
import { DiagLogLevel, diag } from '@opentelemetry/api';

const AGAIN_MS = 60_000;

export function warnOfTroubles(warn: (detail: string) => void): void {
  const saidAt = new Map<string, number>();
  const say = (message: string, ...more: unknown[]): void => {
    const detail = [message, ...more].map(String).join(' ');
    const now = performance.now();
    if (now - (saidAt.get(detail) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return;
    if (saidAt.size > 100) saidAt.clear();
    saidAt.set(detail, now);
    warn(detail);
  };
  const quiet = (): void => undefined;
  diag.setLogger(
    { error: say, warn: say, info: quiet, debug: quiet, verbose: quiet },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
