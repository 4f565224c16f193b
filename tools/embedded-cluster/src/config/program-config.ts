/** The configuration file of the program. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { clusterSettingsSchema } from './cluster-settings.js';

const programConfigSchema = z.strictObject({
  /** Where the kubeconfig is written. */
  kubeconfig: z.string().min(1),
  clusters: z.array(clusterSettingsSchema).min(1),
  /** Port of the control API on loopback; 0: a free one, absent: none. */
  controlPort: z.int().min(0).max(65_535).optional(),
  /** Where pods have their directories. Default: `embedded-pods` beside the kubeconfig. */
  directory: z.string().min(1).optional(),
  podOctet: z.int().min(1).max(254).optional(),
});

export type ProgramConfig = z.output<typeof programConfigSchema>;

/** The configuration file cannot be used; the message is for people. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** @throws ConfigError */
export function readProgramConfig(path: string): ProgramConfig {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`configuration file ${path} cannot be read as JSON: ${why}`);
  }
  const result = programConfigSchema.safeParse(json);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path: at, message }) => `  ${at.join('.') || '(file)'}: ${message}`);
  throw new ConfigError(`configuration file ${path} is wrong:\n${problems.join('\n')}`);
}
