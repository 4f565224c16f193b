/** Rows of the table of workloads, as they are now or were at the moment that is shown. */
import { useEffect, useRef, useState } from 'react';
import { useMoment, useSession } from '../api/hooks.js';
import type { Answer, Query } from './desk/messages.js';
import type { Asking } from './desk/workload-line.js';

/** Undefined until the first answer; then the last one, also while another question is on its way. */
export function useWorkloadRows(query: Omit<Query, 'at'>): Answer | undefined {
  const { workloads } = useSession();
  const at = useMoment()?.seq;
  const [answer, setAnswer] = useState<Answer>();
  const asking = useRef<Asking>(undefined);
  const key = JSON.stringify(at === undefined ? query : { ...query, at });
  useEffect(() => {
    const opened = workloads.open(setAnswer);
    asking.current = opened;
    return () => opened.close();
  }, [workloads]);
  useEffect(() => asking.current?.ask(JSON.parse(key) as Query), [workloads, key]);
  return answer;
}
