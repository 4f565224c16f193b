/** What went wrong, in the API's own words, which name the way out. */
import type { ReactElement } from 'react';
import { ApiError, messageOf } from '../api/api.js';

export function ErrorNote({ error, again }: { error: unknown; again?: (() => void) | undefined }): ReactElement {
  const code = error instanceof ApiError && error.code > 0 ? ` (${error.code} ${error.reason})` : '';
  return (
    <div className="note note-bad" role="alert">
      <p>
        {messageOf(error)}
        {code}
      </p>
      {again !== undefined && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}
