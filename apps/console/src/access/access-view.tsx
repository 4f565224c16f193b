/** Who there is, what they may do, and which tokens are out. */
import { type ReactElement, useState } from 'react';
import type { Role, RoleBinding, Token, User } from '@skyflow/contracts';
import { type Loaded, useMay, useMoment, useNow, usePolled, useSession } from '../api/hooks.js';
import { MERGE_PATCH, listPath } from '../api/objects.js';
import { ageOf, durationText } from '../parts/age.js';
import { Badge } from '../parts/badge.js';
import { Waiting } from '../parts/empty.js';
import { ErrorNote } from '../parts/error-note.js';
import { Table } from '../parts/table.js';
import { InviteForm } from './invite-form.js';
import { WhoDidWhat } from './who-did-what.js';

const ASKED_EVERY_MS = 3_000;

interface AccessKinds {
  users: User;
  roles: Role;
  rolebindings: RoleBinding;
  tokens: Token;
}

/** A list that is asked for anew now and then, or as it was at the moment that is shown. */
function useList<K extends keyof AccessKinds>(plural: K): Loaded<{ items: AccessKinds[K][] }> {
  const { api } = useSession();
  const at = useMoment()?.seq;
  const path = at === undefined ? listPath(plural) : `${listPath(plural)}?at=${at}`;
  return usePolled(path, at === undefined ? ASKED_EVERY_MS : undefined, (signal) =>
    api.json<{ items: AccessKinds[K][] }>(path, { signal }),
  );
}

export function AccessView(): ReactElement {
  const clockMs = useNow(5_000);
  const nowMs = useMoment()?.atMs ?? clockMs;
  const mayTokens = useMay({ verb: 'list', resource: 'tokens' });
  const mayLog = useMay({ verb: 'get', path: '/log' });
  const mayInvite = useMay({ verb: 'create', resource: 'users' });
  const roles = useList('roles');
  return (
    <>
      <div className="view-head">
        <h1>Access</h1>
      </div>
      <Users nowMs={nowMs} />
      {mayInvite && <InviteForm roles={(roles.data?.items ?? []).map(({ metadata }) => metadata.name)} />}
      <section className="card">
        <h2>Roles</h2>
        <Listed loaded={roles} what="roles">
          {(items) => (
            <Table
              label="Roles"
              columns={['Role', 'May', 'What', 'Where']}
              rows={items.flatMap(({ metadata, rules }) =>
                rules.map(({ verbs, kinds, namespaces, names, clusters }, index) => ({
                  key: `${metadata.uid} ${index}`,
                  cells: [
                    metadata.name,
                    verbs.join(', '),
                    kinds.join(', '),
                    [namespaces?.map((each) => `namespace ${each}`), names, clusters?.map((each) => `cluster ${each}`)]
                      .flatMap((each) => each ?? [])
                      .join(', ') || 'everywhere',
                  ],
                })),
              )}
            />
          )}
        </Listed>
      </section>
      {mayTokens && <Tokens nowMs={nowMs} />}
      {mayLog && <WhoDidWhat />}
    </>
  );
}

export function Listed<T>({
  loaded: { data, error, again },
  what,
  children,
}: {
  loaded: Loaded<{ items: T[] }>;
  what: string;
  children: (items: T[]) => ReactElement;
}): ReactElement {
  if (data === undefined)
    return error === undefined ? <Waiting what={what} /> : <ErrorNote error={error} again={again} />;
  return children(data.items);
}

function Users({ nowMs }: { nowMs: number }): ReactElement {
  const { api } = useSession();
  const users = useList('users');
  const bindings = useList('rolebindings');
  const mayChange = useMay({ verb: 'patch', resource: 'users' });
  const [error, setError] = useState<unknown>();
  const rolesOf = ({ metadata, spec }: User): string =>
    (bindings.data?.items ?? [])
      .filter(({ subjects }) =>
        subjects.some(({ kind, name }) =>
          kind === 'User' ? name === metadata.name : (spec.groups ?? []).includes(name),
        ),
      )
      .map(
        ({ roleRef, namespaces }) => `${roleRef.name}${namespaces === undefined ? '' : ` in ${namespaces.join(', ')}`}`,
      )
      .join(', ');
  const disable = ({ metadata }: User, disabled: boolean): void => {
    api
      .json(`${listPath('users')}/${encodeURIComponent(metadata.name)}`, {
        method: 'PATCH',
        body: { spec: { disabled } },
        contentType: MERGE_PATCH,
      })
      .then(users.again, (problem: unknown) => setError(problem));
  };
  return (
    <section className="card">
      <h2>Users</h2>
      {error !== undefined && <ErrorNote error={error} />}
      <Listed loaded={users} what="users">
        {(items) => (
          <Table
            label="Users"
            columns={['User', 'Type', 'State', 'Roles', 'Groups', 'Since', ...(mayChange ? ['Change'] : [])]}
            rows={items.map((user) => {
              const { metadata, spec } = user;
              const disabled = spec.disabled === true;
              return {
                key: metadata.uid,
                cells: [
                  metadata.name,
                  spec.type ?? 'Person',
                  <Badge key="state" word={disabled ? 'Disabled' : 'Active'} tone={disabled ? 'bad' : 'good'} />,
                  rolesOf(user) || 'none',
                  spec.groups?.join(', ') ?? '',
                  ageOf(metadata.creationTimestamp, nowMs),
                  ...(mayChange
                    ? [
                        <button key="change" type="button" onClick={() => disable(user, !disabled)}>
                          {disabled ? 'Enable' : 'Disable'} <span className="sr">{metadata.name}</span>
                        </button>,
                      ]
                    : []),
                ],
              };
            })}
          />
        )}
      </Listed>
    </section>
  );
}

function Tokens({ nowMs }: { nowMs: number }): ReactElement {
  const { api } = useSession();
  const tokens = useList('tokens');
  const mayDelete = useMay({ verb: 'delete', resource: 'tokens' });
  const [error, setError] = useState<unknown>();
  const revoke = ({ metadata }: Token): void => {
    api
      .json(`${listPath('tokens')}/${metadata.name}`, { method: 'DELETE' })
      .then(tokens.again, (problem: unknown) => setError(problem));
  };
  return (
    <section className="card">
      <h2>Sessions and tokens</h2>
      {error !== undefined && <ErrorNote error={error} />}
      <Listed loaded={tokens} what="tokens">
        {(items) => (
          <Table
            label="Sessions and tokens"
            columns={['Name', 'Type', 'User', 'What for', 'Made', 'Ends', ...(mayDelete ? ['Change'] : [])]}
            rows={items.map((token) => {
              const { metadata, spec } = token;
              return {
                key: metadata.uid,
                cells: [
                  metadata.name,
                  spec.type,
                  spec.user,
                  spec.description ?? '',
                  `${ageOf(metadata.creationTimestamp, nowMs)} ago`,
                  spec.expiresAt === undefined ? 'never' : `in ${durationText(Date.parse(spec.expiresAt) - nowMs)}`,
                  ...(mayDelete
                    ? [
                        <button key="revoke" type="button" onClick={() => revoke(token)}>
                          Revoke <span className="sr">{metadata.name}</span>
                        </button>,
                      ]
                    : []),
                ],
              };
            })}
          />
        )}
      </Listed>
    </section>
  );
}
