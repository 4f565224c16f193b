/** `8080`, `8000:80`, `:80`, `8000:http`: which port here means which in the pod. */
import { usageError } from '../../cli/cli-error.js';
import type { PodTarget } from '../../streams/pod-target.js';

export interface ForwardedPort {
  /** 0: any free one. */
  local: number;
  remote: number;
}

/** @throws CliError naming the word that is no pair of ports */
export const parsePorts = (words: readonly string[], pod: PodTarget): ForwardedPort[] =>
  words.map((word) => parse(word, pod));

function parse(word: string, pod: PodTarget): ForwardedPort {
  const [first = '', second, ...more] = word.split(':');
  const remoteWord = second ?? first;
  const remote = number(remoteWord) ?? namedPort(remoteWord, pod);
  const local = second === undefined ? (number(first) ?? remote) : first === '' ? 0 : number(first);
  if (remote === undefined || remote === 0 || local === undefined || more.length > 0) {
    throw usageError(`"${word}" is not a port`, 'write 8080, 8000:80, :80, or 8000:NAME of a port of a container');
  }
  return { local, remote };
}

function number(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
}

const namedPort = (name: string, { spec }: PodTarget): number | undefined =>
  (spec.containers ?? []).flatMap(({ ports = [] }) => ports).find((port) => port.name === name)?.containerPort;
