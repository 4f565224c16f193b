/**
 * Admission: no change of a policy or a cluster, whoever makes it and with what, moves more replicas than may move without a word
 * (`OBJECT_ABOVE_SHARE` of the scheduler), or leaves some without a place. The scheduler says what would move, on a copy of what it knows.
 *
 * Who wants it all the same says how many: the annotation `skyflow.io/allow-moves` on the object, which every client can set, or the query
 * parameter `allowMoves`; a number of replicas, or `all`. A deletion without grace (`kubectl delete --force`) is meant, too. Workloads are not
 * guarded: what becomes of one is what its file says. Nor are dry runs, which move nothing.
 */
import { ANNOTATION_ALLOW_MOVES, equalJson, invalidCause, type KubeObject, type MovePreview } from '@skyflow/contracts';
import { type Admission, type AdmissionRequest, StatusError, invalid } from '@skyflow/apimachinery';
import type { ReadModel } from '../store/read-model.js';
import type { PreviewSpec } from './preview-body.js';
import { type PreviewChange, changeOf } from './previewed-change.js';

export interface MovesGuardParts {
  model: ReadModel;
  /** What the scheduler says to a change. @throws StatusError 503, 504 when nobody can say. */
  preview: (change: PreviewChange) => Promise<MovePreview>;
}

const GUARDED = new Set(['PlacementPolicy', 'Cluster']);
const FIELD = `metadata.annotations[${ANNOTATION_ALLOW_MOVES}]`;
const WAY_OUT = `the annotation ${ANNOTATION_ALLOW_MOVES} (a number of replicas, or all) or the query parameter allowMoves lets it pass`;

export function movesGuard({ model, preview }: MovesGuardParts): Admission {
  return async (request) => {
    const change = guardedChange(request);
    if (change === undefined) return;
    const { table } = model.state;
    if (table.count('Job') + table.count('Deployment') === 0) return;
    const allowed = allowedMoves(request);
    if (allowed === Number.POSITIVE_INFINITY) return;
    const { objection, replicas } = await preview(changeOf(table, change)).catch((error: unknown) => {
      throw withWayOut(error);
    });
    if (objection === undefined || replicas <= allowed) return;
    const rule = `${objection}; ${WAY_OUT}, such as ${String(replicas)}`;
    throw invalid(request.definition, nameOf(request), [invalidCause(FIELD, textOf(request) ?? null, rule)]);
  };
}

/** Undefined: nothing can move by it, or it is meant. */
function guardedChange(request: AdmissionRequest): PreviewSpec | undefined {
  const { operation, definition, subresource, object, old, context, options } = request;
  if (definition.group !== 'skyflow.io' || !GUARDED.has(definition.kind)) return undefined;
  if (subresource !== undefined || context.dryRun === true) return undefined;
  if (operation === 'delete') {
    if (old === undefined || options?.gracePeriodSeconds === 0) return undefined;
    const { name, namespace } = old.metadata;
    return { deleted: [{ kind: definition.kind, name, ...(namespace === undefined ? {} : { namespace }) }] };
  }
  if (object === undefined || (old === undefined && definition.kind === 'Cluster')) return undefined;
  return old === undefined || decidesOtherwise(object, old) ? { objects: [{ ...object }] } : undefined;
}

/** Annotations and status decide on no placement. */
const decidesOtherwise = (object: KubeObject, old: KubeObject): boolean =>
  !equalJson(object.spec, old.spec) || !equalJson(object.metadata.labels ?? {}, old.metadata.labels ?? {});

/** Replicas that may move. @throws StatusError 422 for what is no number. */
function allowedMoves(request: AdmissionRequest): number {
  const given = textOf(request);
  if (given === undefined || given === '') return 0;
  if (given === 'all') return Number.POSITIVE_INFINITY;
  if (/^\d{1,9}$/.test(given)) return Number(given);
  const rule = 'must be a number of replicas that may move, or all';
  throw invalid(request.definition, nameOf(request), [invalidCause(FIELD, given, rule)]);
}

function textOf({ object, old, context }: AdmissionRequest): string | undefined {
  const asked = new URLSearchParams(context.query).get('allowMoves');
  return asked ?? (object ?? old)?.metadata.annotations?.[ANNOTATION_ALLOW_MOVES];
}

const nameOf = ({ object, old }: AdmissionRequest): string => (object ?? old)?.metadata.name ?? '';

function withWayOut(error: unknown): unknown {
  if (!(error instanceof StatusError) || error.code < 500) return error;
  const text = `what this would move cannot be said: ${error.message}; ${WAY_OUT}`;
  return new StatusError(error.code, error.reason, text, error.details);
}
