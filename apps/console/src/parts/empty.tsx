/** What is said where there is nothing. */
import type { ReactElement, ReactNode } from 'react';

export function Empty({ title, children }: { title: string; children?: ReactNode }): ReactElement {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}

export const Waiting = ({ what }: { what: string }): ReactElement => (
  <p className="waiting" role="status">
    Loading {what} …
  </p>
);
