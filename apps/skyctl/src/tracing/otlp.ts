/** Spans by OpenTelemetry's SDK: a bundle of its own, loaded only where traces are asked for. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { loadTracing, tracingEnvironment, type SdkTracing } from '@skyflow/telemetry';

/** Undefined: they are not asked for. @throws Error naming each variable that is wrong, with the rule. */
export async function otlpTracing(env: NodeJS.ProcessEnv, version: string): Promise<SdkTracing | undefined> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const read = z.object(tracingEnvironment).safeParse(given);
  if (!read.success) {
    const wrong = read.error.issues.map(({ path, message }) => `${String(path[0])}: ${message}`);
    throw new Error(wrong.join('; '));
  }
  const instance = `${process.pid}-${randomBytes(3).toString('hex')}`;
  return await loadTracing({ service: 'skyctl', instance, version }, read.data);
}
