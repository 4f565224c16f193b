/** Says of a part of a view that it cannot be put back to the moment that is shown, and why. */
import type { ReactElement, ReactNode } from 'react';
import { useMoment } from '../api/hooks.js';

/** Nothing while now is shown. */
export function NotInTheLog({ children }: { children: ReactNode }): ReactElement | null {
  return useMoment() === undefined ? null : (
    <p className="note" role="note">
      {children}
    </p>
  );
}
