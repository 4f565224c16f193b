/** How much of something is used. */
import type { ReactElement } from 'react';
import { type Amount, amountText, resourceWord } from './amounts.js';

export function ResourceMeter({ amount: { resource, used, total } }: { amount: Amount }): ReactElement {
  const share = Math.min(1, used / total);
  const text = `${amountText(resource, used)} of ${amountText(resource, total)}`;
  return (
    <div className="meter-row">
      <span className="meter-name">{resourceWord(resource)}</span>
      <span
        className={`meter ${share > 0.9 ? 'meter-full' : ''}`}
        role="meter"
        aria-label={`${resourceWord(resource)} used`}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={used}
        aria-valuetext={text}
      >
        <span className="meter-bar" style={{ width: `${share * 100}%` }} />
      </span>
      <span className="meter-text">{text}</span>
    </div>
  );
}
