/**
 * The object as YAML, and changing it: the gateway is asked what would be stored (a dry run, with all its rules), the difference is
 * shown, and only then written. Whoever changed it meanwhile is not overwritten.
 */
import { type ReactElement, useState } from 'react';
import type { ApiObject, MovePreview } from '@skyflow/contracts';
import { parse, stringify } from 'yaml';
import { useLoaded, useMay, useMoment, useSession } from '../api/hooks.js';
import { PREVIEWS_PATH, workloadPath, type WorkloadAddress } from '../api/objects.js';
import { Waiting } from '../parts/empty.js';
import { ErrorNote } from '../parts/error-note.js';
import { PreviewText } from '../parts/preview-text.js';
import { lineDiff, withContext } from './line-diff.js';

export function YamlTab({ address: { namespace, plural, name } }: { address: WorkloadAddress }): ReactElement {
  const { api } = useSession();
  const path = workloadPath(namespace, plural, name);
  const may = useMay({ verb: 'update', resource: plural, namespace, name });
  const [edited, setEdited] = useState<string>();
  const seq = useMoment()?.seq;
  const read = seq === undefined ? path : `${path}?at=${seq}`;
  const loaded = useLoaded(read, (signal) => api.json<ApiObject>(read, { signal }));
  const { data, error, again } = loaded;
  if (data === undefined)
    return error === undefined ? <Waiting what="the object" /> : <ErrorNote error={error} again={again} />;
  const text = yamlOf(data);
  return (
    <section className="card">
      {edited === undefined ? (
        <>
          <div className="actions">
            <button type="button" onClick={again}>
              Reload
            </button>
            {may && (
              <button type="button" onClick={() => setEdited(yamlOf(data, false))}>
                Edit
              </button>
            )}
          </div>
          <pre className="yaml" tabIndex={0} aria-label="YAML">
            {text}
          </pre>
        </>
      ) : (
        <Editor
          path={path}
          before={data}
          initial={edited}
          onDone={() => {
            setEdited(undefined);
            again();
          }}
        />
      )}
    </section>
  );
}

interface Checked {
  /** What would be stored, as YAML. */
  text: string;
  object: ApiObject;
  preview?: MovePreview;
}

function Editor({
  path,
  before,
  initial,
  onDone,
}: {
  path: string;
  before: ApiObject;
  initial: string;
  onDone: () => void;
}): ReactElement {
  const { api } = useSession();
  const [text, setText] = useState(initial);
  const [checked, setChecked] = useState<Checked>();
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const run = (work: () => Promise<void>): void => {
    setBusy(true);
    setProblem(undefined);
    work()
      .catch((error: unknown) => setProblem(error))
      .finally(() => setBusy(false));
  };
  const check = async (): Promise<void> => {
    const object = parse(text) as ApiObject;
    const stored = await api.json<ApiObject>(`${path}?dryRun=All`, { method: 'PUT', body: object });
    const preview = await movesOf(api, object);
    setChecked({ text: yamlOf(stored, false), object, ...(preview === undefined ? {} : { preview }) });
  };
  const write = async (): Promise<void> => {
    if (checked !== undefined) await api.json(path, { method: 'PUT', body: checked.object });
    onDone();
  };
  return (
    <>
      <label className="editor">
        <span className="sr">YAML</span>
        <textarea
          value={text}
          spellCheck={false}
          rows={Math.min(40, text.split('\n').length + 2)}
          onChange={(event) => {
            setText(event.target.value);
            setChecked(undefined);
          }}
        />
      </label>
      {problem !== undefined && <ErrorNote error={problem} />}
      {checked !== undefined && (
        <>
          <h2>What would change</h2>
          <Diff before={yamlOf(before, false)} after={checked.text} />
          {checked.preview !== undefined && <PreviewText preview={checked.preview} />}
        </>
      )}
      <div className="dialog-actions">
        <button type="button" onClick={onDone}>
          Discard
        </button>
        <button type="button" disabled={busy} onClick={() => run(check)}>
          Check
        </button>
        <button type="button" className="primary" disabled={busy || checked === undefined} onClick={() => run(write)}>
          Apply
        </button>
      </div>
    </>
  );
}

/** Undefined when nobody can tell: that keeps nobody from writing. */
async function movesOf(api: ReturnType<typeof useSession>['api'], object: ApiObject): Promise<MovePreview | undefined> {
  try {
    const body = { spec: { objects: [object] } };
    return (await api.json<{ status: MovePreview }>(PREVIEWS_PATH, { method: 'POST', body })).status;
  } catch {
    return undefined;
  }
}

function Diff({ before, after }: { before: string; after: string }): ReactElement {
  const lines = withContext(lineDiff(before, after), 3);
  if (lines.length === 0) return <p>Nothing.</p>;
  return (
    <pre className="diff" tabIndex={0} aria-label="Difference">
      {lines.map((line, index) =>
        line === undefined ? (
          <span key={index}>⋯{'\n'}</span>
        ) : (
          <span key={index} className={line.sign === '+' ? 'diff-in' : line.sign === '-' ? 'diff-out' : undefined}>
            {line.sign} {line.text}
            {'\n'}
          </span>
        ),
      )}
    </pre>
  );
}

/** Without what only machines read; `status` is not for writing. */
function yamlOf({ status, metadata, ...object }: ApiObject, whole = true): string {
  const { managedFields: _managedFields, ...meta } = metadata;
  const { apiVersion, kind, ...rest } = object;
  return stringify({ apiVersion, kind, metadata: meta, ...rest, ...(whole ? { status } : {}) }, { lineWidth: 0 });
}
