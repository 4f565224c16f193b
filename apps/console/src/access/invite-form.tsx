/** An invite for one person; told once. */
import { type ReactElement, type SubmitEvent, useState } from 'react';
import { useSession } from '../api/hooks.js';
import { ErrorNote } from '../parts/error-note.js';

export function InviteForm({ roles }: { roles: readonly string[] }): ReactElement {
  const { api } = useSession();
  const [role, setRole] = useState('');
  const [invite, setInvite] = useState<string>();
  const [error, setError] = useState<unknown>();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setError(undefined);
    api.json<{ invite: string }>('/auth/invites', { method: 'POST', body: { roles: role === '' ? [] : [role] } }).then(
      (answer) => setInvite(answer.invite),
      (problem: unknown) => setError(problem),
    );
  };
  return (
    <form className="card" onSubmit={submit}>
      <h2>Invite somebody</h2>
      <label>
        Role{' '}
        <select value={role} onChange={(event) => setRole(event.target.value)}>
          <option value="">none</option>
          {roles.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>{' '}
      <button type="submit">Make an invite</button>
      {error !== undefined && <ErrorNote error={error} />}
      {invite !== undefined && (
        <p className="note" role="status">
          Shown this once, good for a week and for one person: <code>skyctl register NAME --invite {invite}</code>
        </p>
      )}
    </form>
  );
}
