/** What a commit of the log says, for people: who did what, and which entry led to it. */
import type { Commit } from '@skyflow/contracts';

/** A line of `/log`. */
export interface LoggedCommit {
  seq: number;
  subject: string;
  /** ms since the epoch, or RFC 3339. */
  storedAt: number | string;
  commit: Commit;
}

export interface CommitLine {
  what: string;
  about: string;
  actor: string;
  cause: string;
  request: string;
}

export const commitsOf = (text: string): LoggedCommit[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LoggedCommit);

export const timeOf = ({ storedAt }: LoggedCommit): Date => new Date(storedAt);

/** `ObjectCreated` → `Object created`. */
const words = (type: string): string => type.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

interface Told {
  object?: { kind?: string; metadata?: Reference };
  ref?: Reference & { kind?: string };
  cluster?: string;
}
interface Reference {
  name?: string;
  namespace?: string;
}

export function linesOf({ commit, subject }: LoggedCommit): CommitLine[] {
  return commit.entries.map(({ type, actor, cause = '', corr, data }) => {
    const { object, ref, cluster = /^sky\.(?:obs|work)\.(.+)$/.exec(subject)?.[1] } = (data ?? {}) as Told;
    const named = ref ?? object?.metadata;
    const kind = ref?.kind ?? object?.kind ?? '';
    const name = [named?.namespace, named?.name].filter((each) => each !== undefined && each !== '').join('/');
    return {
      what: words(type),
      about: [kind, name, cluster === undefined ? '' : `on ${cluster}`].filter((each) => each !== '').join(' '),
      actor,
      cause,
      request: corr,
    };
  });
}
