/** Whether what is shown is so now. */
import type { ReactElement } from 'react';
import { useLive, useMoment, useNow, useSession } from '../api/hooks.js';
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

/** Says that this is not now, and leads back. */
export function MomentBanner(): ReactElement | null {
  const { moment } = useSession();
  const state = useMoment();
  if (state === undefined) return null;
  return (
    <div className="banner banner-past" role="status">
      <strong>The past.</strong> Everything is as it was after commit {state.seq} of the log
      {state.atMs === undefined ? '' : `, ${new Date(state.atMs).toLocaleString()}`}
      {state.store === undefined && state.error === undefined ? ' (loading)' : ''}; what is not in the log says so.{' '}
      <button type="button" onClick={() => moment.leave()}>
        Back to now
      </button>
    </div>
  );
}
