/** The one catalogue of exit codes; README.md and `skyctl --help` show it. */

export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  conflict: 4,
  refused: 5,
  unavailable: 6,
  timeout: 7,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each code means, in order. */
export const EXIT_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [EXIT.ok, 'done'],
  [EXIT.failure, 'failed, or several things failed in different ways'],
  [EXIT.usage, 'wrong command line, file or configuration; nothing was sent'],
  [EXIT.notFound, 'the object or kind does not exist'],
  [EXIT.conflict, 'it exists already, or somebody else changed it meanwhile'],
  [EXIT.refused, 'refused: invalid, not allowed, or not logged in'],
  [EXIT.unavailable, 'the server cannot be reached or is not ready'],
  [EXIT.timeout, 'it did not happen in the time given'],
];

/** The code of several failures: theirs if they agree, else the general one. */
export function exitCodeOfAll(codes: readonly ExitCode[]): ExitCode {
  const [first, ...rest] = codes.filter((code) => code !== EXIT.ok);
  if (first === undefined) return EXIT.ok;
  return rest.every((code) => code === first) ? first : EXIT.failure;
}
