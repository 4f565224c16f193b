/**
 * The way from client-side to server-side apply, as kube-apiserver has it for the manager `kubectl` alone: what its annotation
 * says it applied is its own, so that no conflict comes of it; and the annotation is kept up, so that there is a way back.
 * After k8s.io/apimachinery managedfields/internal lastapplied{manager,updater}.go.
 */
import { isStatus } from '../../api/errors.js';
import { isRecord, type KubeObject, type StatusCause } from '@skyflow/contracts';
import { applyServerSide, type ApplyRequest, type ApplyResult } from './apply-server-side.js';
import { compareFields } from './compare.js';
import { refusedFields } from './conflict.js';
import { ownedFields } from './owned-fields.js';
import { formatElements } from './path-element.js';

const ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';
const KUBECTL = 'kubectl';

/** As {@link applyServerSide}. @throws StatusError */
export function applyWithLastApplied(request: ApplyRequest): ApplyResult {
  const { live, manager } = request;
  const annotation = live?.metadata.annotations?.[ANNOTATION];
  if (manager !== KUBECTL || live === undefined || annotation === undefined) return applyServerSide(request);
  const result = applyOverOwn(request, live, annotation);
  const annotations = { ...result.object.metadata.annotations, [ANNOTATION]: `${stableJson(request.applied)}\n` };
  // Whoever owns the annotation goes on to: kubectl looks for it there.
  return { ...result, object: { ...result.object, metadata: { ...result.object.metadata, annotations } } };
}

/** Takes what client-side apply has set and nobody has changed since; everybody else's fields are conflicts as ever. */
function applyOverOwn(request: ApplyRequest, live: KubeObject, annotation: string): ApplyResult {
  try {
    return applyServerSide(request);
  } catch (error) {
    const causes = conflictsOf(error);
    if (causes === undefined) throw error;
    const own = unchangedSince(annotation, live, request);
    const left = causes.filter(({ field }) => !own.has(field ?? ''));
    if (left.length > 0) throw refusedFields(left);
    return applyServerSide({ ...request, force: true });
  }
}

function conflictsOf(error: unknown): readonly StatusCause[] | undefined {
  if (!isStatus(error, 'Conflict')) return undefined;
  const causes = error.details?.causes ?? [];
  return causes.some(({ reason }) => reason === 'FieldManagerConflict') ? causes : undefined;
}

/** Fields of the configuration last applied that the live object still has as they were. */
function unchangedSince(annotation: string, live: KubeObject, { schema, set }: ApplyRequest): ReadonlySet<string> {
  const last = parsed(annotation);
  if (!isRecord(last)) return new Set();
  const { added, modified, removed } = compareFields(last, live, schema, set);
  const own = ownedFields(last, schema, set).difference(modified).difference(added).difference(removed);
  return new Set([...own.paths()].map((path) => formatElements(path)));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // somebody has written something else into it: then it says nothing
  }
}

/** With keys in order, as Go writes maps. */
const stableJson = (value: unknown): string =>
  JSON.stringify(value, (_key, field: unknown) =>
    isRecord(field) ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1))) : field,
  );
