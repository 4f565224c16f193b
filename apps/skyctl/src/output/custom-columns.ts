/** `-o custom-columns=NAME:.metadata.name,PHASE:.status.phase`: kubectl's own tables. */
import { usageError } from '../cli/cli-error.js';
import { textOf, valuesOf } from './jsonpath/evaluate.js';
import { parseRelaxed } from './jsonpath/parse-template.js';
import { JsonPathError } from './jsonpath/syntax.js';
import type { Node } from './jsonpath/syntax.js';
import type { Table } from './table.js';

export function customColumns(template: string, objects: readonly unknown[]): Table {
  const columns = splitColumns(template).map((column) => {
    const at = column.indexOf(':');
    if (at < 1) throw usageError(`custom column "${column}" is not TITLE:PATH`, 'write NAME:.metadata.name');
    return { title: column.slice(0, at), path: relaxed(column.slice(at + 1)) };
  });
  return {
    columns: columns.map(({ title }) => title),
    rows: objects.map((object) =>
      columns.map(({ path }) => {
        const values = valuesOf(path, object);
        return values.length > 0 ? values.map(textOf).join(',') : '<none>';
      }),
    ),
  };
}

/** @throws CliError (usage) */
export function relaxed(expression: string): Node[] {
  try {
    return parseRelaxed(expression);
  } catch (error) {
    if (error instanceof JsonPathError) throw usageError(`path ${expression}: ${error.message}`);
    throw error;
  }
}

/** At commas outside brackets. */
const splitColumns = (template: string): string[] => template.split(/,(?![^[]*\])/).filter((part) => part !== '');
