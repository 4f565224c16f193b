/** Whether what is shown is so now. */
import type { ReactElement } from 'react';
import { useLive, useNow } from '../api/hooks.js';
import { ageOf } from '../parts/age.js';

export function LiveNote(): ReactElement {
  const { phase } = useLive();
  const text = phase === 'live' ? 'Live' : phase === 'lost' ? 'Not live' : 'Connecting';
  return (
    <span className={`live live-${phase}`} role="status">
      <span className="live-dot" aria-hidden="true" />
      {text}
    </span>
  );
}

export function LostBanner(): ReactElement | null {
  const live = useLive();
  const nowMs = useNow(1_000);
  if (live.phase !== 'lost') return null;
  return (
    <div className="banner" role="alert">
      <strong>Connection lost.</strong> This is how it was{' '}
      <span aria-hidden="true">{ageOf(live.sinceMs, nowMs)} ago</span>: {live.why}. Trying again.
    </div>
  );
}
