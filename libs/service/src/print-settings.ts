/** What a service would run with, for `--print-config`: every setting, its value without secrets, where it comes from and what it is. */
import type { z } from 'zod';
import type { SettingsFlags } from './settings-flags.js';
import { shownValue, sourceOf } from './environment.js';

/** A line per setting, in the form of an env file, so that it can be kept as one. */
export function printSettings(
  shape: z.ZodRawShape,
  settings: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv = process.env,
  flags?: SettingsFlags,
): string {
  const lines = Object.entries(shape).map(([name, field]) => {
    const value = settings[name];
    const { description = 'a setting' } = field as z.ZodType;
    const text = value === undefined ? '' : shownValue(name, typeof value === 'string' ? value : JSON.stringify(value));
    return `# ${description} (${value === undefined ? 'not set' : sourceOf(name, shape, environment, flags)})\n${value === undefined ? '#' : ''}${name}=${text}`;
  });
  return `${lines.join('\n\n')}\n`;
}
