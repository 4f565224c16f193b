/** Who are you? By name and password, at an OpenID issuer, or by a token; a link of `skyctl console` or `npm run up` needs neither. */
import { type ReactElement, type SubmitEvent, useState } from 'react';
import { useLoaded, useSession } from '../api/hooks.js';
import { ErrorNote } from '../parts/error-note.js';

export function SignIn({ problem }: { problem: string | undefined }): ReactElement {
  const session = useSession();
  const [busy, setBusy] = useState(false);
  const [byToken, setByToken] = useState(false);
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const field = (name: string): string => {
      const value = form.get(name);
      return typeof value === 'string' ? value : '';
    };
    const credentials = byToken
      ? { token: field('token').trim() }
      : { user: field('user').trim(), password: field('password') };
    setBusy(true);
    void session.signIn(credentials).finally(() => setBusy(false));
  };
  return (
    <main className="sign-in">
      <h1>SkyFlow</h1>
      <form onSubmit={submit} aria-label="Sign in">
        {problem !== undefined && <ErrorNote error={new Error(problem)} />}
        {byToken ? (
          <label>
            Token
            <input name="token" type="password" autoComplete="off" required autoFocus />
          </label>
        ) : (
          <>
            <label>
              User
              <input name="user" autoComplete="username" autoCapitalize="none" required autoFocus />
            </label>
            <label>
              Password
              <input name="password" type="password" autoComplete="current-password" required />
            </label>
          </>
        )}
        <button type="submit" className="primary" disabled={busy}>
          {busy ? 'Signing in …' : 'Sign in'}
        </button>
        <button type="button" className="plain" onClick={() => setByToken(!byToken)}>
          {byToken ? 'With a password instead' : 'With a token instead'}
        </button>
        <IssuerLink />
      </form>
      <p className="hint">
        <code>skyctl console</code> prints a link that signs you in.
      </p>
    </main>
  );
}

/** Offered where the gateway has an issuer. The address of the page is where one comes back to. */
function IssuerLink(): ReactElement | null {
  const { api } = useSession();
  const { data } = useLoaded('oidc', (signal) => api.json<{ issuer: string }>('/auth/oidc', { signal }));
  if (data === undefined) return null;
  return (
    <a className="button" href={`/auth/oidc/login?${new URLSearchParams({ to: location.pathname }).toString()}`}>
      Sign in at {new URL(data.issuer).host}
    </a>
  );
}
