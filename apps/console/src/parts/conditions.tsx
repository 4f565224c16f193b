/** Conditions of an object, as Kubernetes has them. */
import type { ReactElement } from 'react';
import type { Condition } from '@skyflow/contracts';
import { useNow } from '../api/hooks.js';
import { ageOf } from './age.js';

export function Conditions({ conditions }: { conditions: readonly Condition[] }): ReactElement | null {
  const nowMs = useNow(5_000);
  if (conditions.length === 0) return null;
  return (
    <section className="card">
      <h2>Conditions</h2>
      <div className="scroll" role="region" aria-label="Conditions" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Type</th>
              <th scope="col">Status</th>
              <th scope="col">Reason</th>
              <th scope="col">Message</th>
              <th scope="col">Since</th>
            </tr>
          </thead>
          <tbody>
            {conditions.map(({ type, status, reason, message, lastTransitionTime }) => (
              <tr key={type}>
                <th scope="row">{type}</th>
                <td>{status}</td>
                <td>{reason}</td>
                <td>{message}</td>
                <td>{ageOf(lastTransitionTime, nowMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
