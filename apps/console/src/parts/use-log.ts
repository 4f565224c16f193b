/** A log that is followed: its last lines, as they come, shown together a few times a second. */
import { useEffect, useState } from 'react';
import { isAborted } from '../api/api.js';
import { useSession } from '../api/hooks.js';
import { type LogLines, NO_LINES, isUntil, withChunk } from './log-lines.js';

/** Kept in the page. */
export const MOST_LINES = 2_000;
/** Between two renderings, however much comes. */
const SHOWN_EVERY_MS = 150;

/** @param path of the log, with its query. `untilMs`: only lines of until then; they must come with their times. */
export function useLog(
  path: string,
  untilMs?: number,
): { log: LogLines; error: unknown; ended: boolean; again: () => void } {
  const { api } = useSession();
  const [log, setLog] = useState(NO_LINES);
  const [error, setError] = useState<unknown>();
  const [ended, setEnded] = useState(false);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    let read = NO_LINES;
    const isKept = (line: string): boolean => untilMs === undefined || isUntil(line, untilMs);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (): void => {
      timer = undefined;
      setLog(read);
    };
    const follow = async (): Promise<void> => {
      const { body } = await api.response(path, { signal: abort.signal });
      if (body === null) return;
      const decoder = new TextDecoder();
      const reader = body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        read = withChunk(read, decoder.decode(value, { stream: true }), MOST_LINES, isKept);
        timer ??= setTimeout(show, SHOWN_EVERY_MS);
      }
    };
    setLog(NO_LINES);
    setError(undefined);
    setEnded(false);
    follow().then(
      () => setEnded(true),
      (problem: unknown) => {
        if (!isAborted(problem) && !abort.signal.aborted) setError(problem);
      },
    );
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [api, path, untilMs, turn]);
  return { log, error, ended, again: () => setTurn((old) => old + 1) };
}
