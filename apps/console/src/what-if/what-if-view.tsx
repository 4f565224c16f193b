/** What would happen if: clusters lost, nodes added, objects submitted or changed. The scheduler works it out; nothing is written. */
import { type ReactElement, type SubmitEvent, useState } from 'react';
import type { Simulation } from '@skyflow/contracts';
import { useSession } from '../api/hooks.js';
import { NotInTheLog } from '../time/not-in-the-log.js';
import { useClusters } from '../fleet/use-clusters.js';
import { SIMULATIONS_PATH } from '../api/objects.js';
import { ErrorNote } from '../parts/error-note.js';
import { SimulationResult } from './simulation-result.js';
import { type Question, questionOf } from './question.js';

const EXAMPLE = `apiVersion: skyflow.io/v1
kind: Job
metadata:
  name: what-if
  namespace: default
spec:
  replicas: 4
  template:
    spec:
      containers:
        - name: main
          image: busybox
          resources:
            requests: { cpu: 500m }
`;

export function WhatIfView(): ReactElement {
  const { api } = useSession();
  const clusters = useClusters();
  const [down, setDown] = useState<readonly string[]>([]);
  const [nodes, setNodes] = useState<Question['nodes']>({ cluster: '', count: 1, cpu: '4', memory: '16Gi' });
  const [manifest, setManifest] = useState('');
  const [result, setResult] = useState<Simulation>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const names = clusters.map(({ metadata }) => metadata.name).sort();
  const ask = async (): Promise<void> => {
    const spec = questionOf({ down, nodes, manifest });
    const answer = await api.json<{ status: Simulation }>(SIMULATIONS_PATH, { method: 'POST', body: { spec } });
    setResult(answer.status);
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    ask()
      .catch((problem: unknown) => setError(problem))
      .finally(() => setBusy(false));
  };
  const toggle = (name: string): void =>
    setDown((old) => (old.includes(name) ? old.filter((each) => each !== name) : [...old, name]));
  return (
    <>
      <div className="view-head">
        <h1>What if</h1>
        <p className="view-sum">Nothing is written.</p>
      </div>
      <NotInTheLog>The scheduler is asked about now, whatever moment is shown elsewhere.</NotInTheLog>
      <form className="card what-if" onSubmit={submit}>
        <fieldset>
          <legend>These clusters are lost</legend>
          {names.map((name) => (
            <label key={name}>
              <input type="checkbox" checked={down.includes(name)} onChange={() => toggle(name)} /> {name}
            </label>
          ))}
        </fieldset>
        <fieldset>
          <legend>Nodes are added</legend>
          <label>
            to{' '}
            <select value={nodes.cluster} onChange={(event) => setNodes({ ...nodes, cluster: event.target.value })}>
              <option value="">no cluster</option>
              {names.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          <label>
            how many{' '}
            <input
              type="number"
              min={1}
              value={nodes.count}
              onChange={(event) => setNodes({ ...nodes, count: event.target.valueAsNumber || 1 })}
            />
          </label>
          <label>
            cpu each <input value={nodes.cpu} onChange={(event) => setNodes({ ...nodes, cpu: event.target.value })} />
          </label>
          <label>
            memory each{' '}
            <input value={nodes.memory} onChange={(event) => setNodes({ ...nodes, memory: event.target.value })} />
          </label>
        </fieldset>
        <label className="editor">
          These objects are submitted or changed (YAML)
          <textarea
            rows={8}
            spellCheck={false}
            placeholder={EXAMPLE}
            value={manifest}
            onChange={(event) => setManifest(event.target.value)}
          />
        </label>
        <div className="dialog-actions">
          <button type="button" onClick={() => setManifest(EXAMPLE)}>
            Example
          </button>
          <button type="submit" className="primary" disabled={busy}>
            What would happen?
          </button>
        </div>
      </form>
      {error !== undefined && <ErrorNote error={error} />}
      {result !== undefined && <SimulationResult simulation={result} />}
    </>
  );
}
