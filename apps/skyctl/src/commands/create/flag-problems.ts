/** Flags that no object can be made of, all of them at once. */
import type { FromFlags } from '@skyflow/domain';
import { usageError } from '../../cli/cli-error.js';

/** @throws CliError (usage) with a cause for each problem. */
export function objectOf<T>(result: FromFlags<T>): T {
  if (result.ok) return result.object;
  const lines = result.problems.map(({ flag, value, rule }) => `${flag} ${JSON.stringify(value)}: ${rule}`);
  const [only = '', ...more] = lines;
  throw more.length === 0 ? usageError(only) : usageError(`${lines.length} flags are wrong`, undefined, lines);
}
