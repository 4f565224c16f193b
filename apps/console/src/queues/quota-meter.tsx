/** What a queue uses of what it is sure of; what is borrowed is marked, in words and in colour. */
import type { ReactElement } from 'react';
import { amountText, resourceWord } from '../parts/amounts.js';
import type { QuotaUse } from './queue-tree.js';

export function QuotaMeter({ use: { resource, nominal, most, used, borrowed } }: { use: QuotaUse }): ReactElement {
  const whole = Math.max(most ?? 0, nominal ?? 0, used, 1);
  const share = (amount: number): string => `${(amount / whole) * 100}%`;
  const sure = nominal === undefined ? 'no quota' : `of ${amountText(resource, nominal)}`;
  const text = `${amountText(resource, used)} ${sure}${borrowed > 0 ? `, ${amountText(resource, borrowed)} borrowed` : ''}`;
  return (
    <div className="meter-row meter-wide">
      <span className="meter-name">{resourceWord(resource)}</span>
      <span
        className="meter"
        role="meter"
        aria-label={`${resourceWord(resource)} used`}
        aria-valuemin={0}
        aria-valuemax={whole}
        aria-valuenow={used}
        aria-valuetext={text}
      >
        <span className="meter-bar" style={{ width: share(used - borrowed) }} />
        <span className="meter-bar meter-borrowed" style={{ width: share(borrowed) }} />
      </span>
      <span className="meter-text">{text}</span>
    </div>
  );
}
