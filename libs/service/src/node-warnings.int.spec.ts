import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = `
const { createLogger } = await import(process.argv[1] + '/logger.js');
const { logWarnings } = await import(process.argv[1] + '/node-warnings.js');
logWarnings(createLogger('test', '1', process.argv[2]));
process.emitWarning('two of a kind', 'DuplicateWarning');
process.emitWarning('not on this cloud', 'MetadataLookupWarning');
`;

/** What a process prints, both streams. */
function printed(level: string): { level: number; warning: string; detail: string }[] {
  const dist = fileURLToPath(new URL('../dist', import.meta.url));
  const text = execFileSync(
    'sh',
    ['-c', '"$0" --input-type=module -e "$1" "$2" "$3" 2>&1', process.execPath, PROGRAM, dist, level],
    { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } },
  );
  const lines = text.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as { level: number; warning: string; detail: string });
}

describe('warnings of Node', () => {
  it('are lines of the log, and those that say nothing only at level debug', () => {
    const duplicate = { level: 40, warning: 'DuplicateWarning', detail: 'two of a kind' };
    expect(printed('info')).toEqual([expect.objectContaining(duplicate)]);
    expect(printed('debug')).toEqual([
      expect.objectContaining(duplicate),
      expect.objectContaining({ level: 20, warning: 'MetadataLookupWarning' }),
    ]);
  });
});
