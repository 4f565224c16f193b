/** What `--for` may say, as a question to ask of an object. */
import type { ApiObject, Condition } from '@skyflow/contracts';
import { usageError } from '../../cli/cli-error.js';
import { relaxed } from '../../output/custom-columns.js';
import { textOf, valuesOf } from '../../output/jsonpath/evaluate.js';

export interface WaitCondition {
  /** For messages: `to be RUNNING`. */
  text: string;
  /** What counts when there is no such object: fulfilled, not yet, or never to be. */
  absent: 'met' | 'wait' | 'error';
  met(object: ApiObject): boolean;
}

interface Conditioned {
  phase?: string;
  conditions?: Condition[];
}

/** @throws CliError (usage) */
export function parseCondition(text: string): WaitCondition {
  const [, word = '', rest] = /^([a-z]+)(?:=(.*))?$/s.exec(text) ?? [];
  if (word === 'delete' && rest === undefined) return { text: 'to be gone', absent: 'met', met: () => false };
  if (word === 'create' && rest === undefined) return { text: 'to exist', absent: 'wait', met: () => true };
  if (word === 'phase' && rest) {
    return {
      text: `to be ${rest}`,
      absent: 'error',
      met: ({ status }) => (status as Conditioned | undefined)?.phase?.toLowerCase() === rest.toLowerCase(),
    };
  }
  if (word === 'condition' && rest) return conditionNamed(rest);
  if (word === 'jsonpath' && rest) return valueAt(rest);
  throw usageError(
    `--for ${text}: is not understood`,
    "write phase=RUNNING, condition=NAME[=STATUS], jsonpath='{.path}'[=VALUE], create or delete",
  );
}

function conditionNamed(text: string): WaitCondition {
  const [type = '', status = 'True'] = text.split('=', 2);
  return {
    text: `to have condition ${type}=${status}`,
    absent: 'error',
    met: ({ status: current }) =>
      ((current as Conditioned | undefined)?.conditions ?? []).some(
        (condition) =>
          condition.type.toLowerCase() === type.toLowerCase() &&
          condition.status.toLowerCase() === status.toLowerCase(),
      ),
  };
}

/** `{.status.phase}=RUNNING`; without a value any that is there will do. */
function valueAt(text: string): WaitCondition {
  const end = text.startsWith('{') ? text.lastIndexOf('}') + 1 : text.indexOf('=');
  const path = end <= 0 ? text : text.slice(0, end);
  const wanted = end <= 0 || text[end] !== '=' ? undefined : text.slice(end + 1);
  const nodes = relaxed(path);
  return {
    text: wanted === undefined ? `to have ${path}` : `to have ${path}=${wanted}`,
    absent: 'error',
    met: (object) => {
      const values = valuesOf(nodes, object);
      return values.length > 0 && (wanted === undefined || values.some((value) => textOf(value) === wanted));
    },
  };
}
