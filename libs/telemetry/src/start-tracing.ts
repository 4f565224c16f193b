/** Turns tracing on for the process where the settings ask for it; otherwise nothing is loaded. */
import type { Resource } from '@opentelemetry/resources';
import type { Identity } from './resource.js';
import type { SdkTracing } from './sdk-recorder.js';
import { installRecorder } from './spans.js';
import { wantsTraces, type TracingSettings } from './tracing-settings.js';

/** Spans that are not sent by then are lost: a collector that is away must not hold up the end of a process. */
const FLUSH_MS = 2_000;

export interface Tracing {
  /** Sends what is not sent yet, as far as that is quickly done. */
  close(): Promise<void>;
}

/** Undefined: traces are not asked for. @param warn told once a minute that spans cannot be sent. */
export async function startTracing(
  identity: Identity,
  settings: TracingSettings,
  warn: (detail: string) => void,
): Promise<Tracing | undefined> {
  const sdk = await loadTracing(identity, settings);
  if (sdk === undefined) return undefined;
  const { warnOfTroubles } = await import('./troubles.js');
  warnOfTroubles(warn);
  installRecorder(sdk.record);
  return {
    close: async () => {
      installRecorder(undefined);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, FLUSH_MS)));
      await Promise.race([sdk.shutdown().catch((error: unknown) => warn(String(error))), late]);
      clearTimeout(timer);
    },
  };
}

/** The SDK, for a program that installs the recorder itself (one of several bundles). Undefined: traces are not asked for. */
export async function loadTracing(identity: Identity, settings: TracingSettings): Promise<SdkTracing | undefined> {
  if (!wantsTraces(settings)) return undefined;
  const { sdkTracing } = await import('./sdk-recorder.js');
  return sdkTracing(identity, settings);
}

/** Who sends metrics, for OpenTelemetry's SDK. */
export async function loadResource(identity: Identity): Promise<Resource> {
  const { telemetryResource } = await import('./resource.js');
  return telemetryResource(identity);
}
