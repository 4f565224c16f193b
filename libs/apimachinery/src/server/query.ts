/** The query parameters of the verbs (meta/v1 ListOptions, CreateOptions, PatchOptions, DeleteOptions), checked. */
import type { ResourceDefinition } from '../api/definition.js';
import { badRequest, invalidOptions, type OptionsKind } from '../api/errors.js';
import { forbiddenCause, isRecord, unsupportedCause } from '@skyflow/contracts';
import type { FieldValidation, WriteOptions } from '../api/request-options.js';
import { parseFieldSelector, parseLabelSelector } from '../api/selector-parser.js';
import type { StatusError } from '../api/status-error.js';
import { EVERYTHING, selectablePaths, type Selectors } from '../api/selectors.js';
import type { DeleteOptions, ListOptions, WatchOptions } from '../store/resource-store.js';

const FIELD_MANAGER_MAX_LENGTH = 128;

export const isTrue = (value: string | null): boolean => value !== null && value !== 'false' && value !== '0';

export function selectorsOf(query: URLSearchParams, definition: ResourceDefinition): Selectors {
  const labels = query.get('labelSelector');
  const fields = query.get('fieldSelector');
  if (!labels && !fields) return EVERYTHING;
  return {
    labels: parseLabelSelector(labels ?? ''),
    fields: parseFieldSelector(fields ?? '', selectablePaths(definition.selectableFields)),
  };
}

/** @throws StatusError 400, 422 */
export function listOptions(
  query: URLSearchParams,
  definition: ResourceDefinition,
  namespace: string | undefined,
): ListOptions {
  const options: ListOptions = { selectors: selectorsOf(query, definition) };
  if (namespace !== undefined) options.namespace = namespace;
  const limit = wholeNumber(query, 'limit');
  if (limit !== undefined && limit > 0) options.limit = limit;
  const continueToken = query.get('continue');
  const version = versionOf(query);
  const match = query.get('resourceVersionMatch');
  if (continueToken) {
    if (match) throw matchForbidden('resourceVersionMatch is forbidden when continue is provided');
    if (version !== undefined && version !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    options.continueToken = continueToken;
    return options;
  }
  if (match !== null && match !== '') {
    if (version === undefined)
      throw matchForbidden('resourceVersionMatch is forbidden unless resourceVersion is provided');
    if (match === 'Exact') {
      if (version === '0') throw matchForbidden('resourceVersionMatch "Exact" is forbidden for resourceVersion "0"');
      options.exactly = version;
    } else if (match === 'NotOlderThan') options.atLeast = version;
    else {
      const cause = unsupportedCause('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']);
      throw invalidOptions('ListOptions', cause);
    }
  } else if (version !== undefined && version !== '0') {
    // Without a match, pages are exact and whole lists not older: Kubernetes' own legacy rule.
    if (options.limit === undefined) options.atLeast = version;
    else options.exactly = version;
  }
  return options;
}

const matchForbidden = (why: string): StatusError =>
  invalidOptions('ListOptions', forbiddenCause('resourceVersionMatch', why));

/** @throws StatusError 400, 422 */
export function watchOptions(
  query: URLSearchParams,
  definition: ResourceDefinition,
  namespace: string | undefined,
  signal: AbortSignal,
): WatchOptions {
  const options: WatchOptions = {
    selectors: selectorsOf(query, definition),
    allowBookmarks: isTrue(query.get('allowWatchBookmarks')),
    signal,
  };
  if (namespace !== undefined) options.namespace = namespace;
  const version = versionOf(query);
  if (version !== undefined) options.resourceVersion = version;
  const initial = query.get('sendInitialEvents');
  const match = query.get('resourceVersionMatch');
  if (initial !== null) {
    if (match !== 'NotOlderThan') {
      throw matchForbidden('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
    }
    options.sendInitialEvents = isTrue(initial);
    if (options.sendInitialEvents && !options.allowBookmarks) {
      throw badRequest('sendInitialEvents requires setting allowWatchBookmarks to true');
    }
  } else if (match)
    throw matchForbidden('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
  return options;
}

/** @throws StatusError 422 */
export function writeOptions(
  query: URLSearchParams,
  userAgent: string | undefined,
  kind: OptionsKind,
): WriteOptions & { dryRun: boolean } {
  const fieldManager = query.get('fieldManager') ?? managerOf(userAgent);
  if (fieldManager.length > FIELD_MANAGER_MAX_LENGTH) {
    const message = `Too long: may not be more than ${FIELD_MANAGER_MAX_LENGTH} bytes`;
    throw invalidOptions(kind, { reason: 'FieldValueTooLong', field: 'fieldManager', message });
  }
  const options: WriteOptions & { dryRun: boolean } = { fieldManager, dryRun: isDryRun(query.getAll('dryRun'), kind) };
  const validation = query.get('fieldValidation');
  if (validation !== null && validation !== '') options.fieldValidation = requireFieldValidation(validation, kind);
  return options;
}

/**
 * Options of a delete, from the body (a DeleteOptions object) or else the query.
 * @throws StatusError 400
 */
export function deleteOptions(query: URLSearchParams, body: unknown): DeleteOptions & { dryRun: boolean } {
  if (body !== undefined && !isRecord(body))
    throw badRequest('the body of a delete must be a DeleteOptions object, or empty');
  if (body !== undefined && body.kind !== undefined && body.kind !== 'DeleteOptions') {
    throw badRequest(`the body of a delete must be a DeleteOptions object, got kind ${JSON.stringify(body.kind)}`);
  }
  const given = body ?? {};
  const grace: unknown = given.gracePeriodSeconds ?? wholeNumber(query, 'gracePeriodSeconds');
  const orphan =
    given.orphanDependents ?? (query.has('orphanDependents') ? isTrue(query.get('orphanDependents')) : undefined);
  const policy = given.propagationPolicy ?? query.get('propagationPolicy');
  const options: DeleteOptions & { dryRun: boolean } = {
    dryRun: isDryRun(Array.isArray(given.dryRun) ? given.dryRun : query.getAll('dryRun'), 'DeleteOptions'),
  };
  if (grace !== undefined) {
    if (typeof grace !== 'number' || !Number.isInteger(grace) || grace < 0) {
      throw badRequest(
        `gracePeriodSeconds: invalid value ${JSON.stringify(grace)}: must be a whole number of seconds, 0 or more`,
      );
    }
    options.gracePeriodSeconds = grace;
  }
  if (policy) options.propagationPolicy = requirePolicy(policy);
  else if (typeof orphan === 'boolean') options.propagationPolicy = orphan ? 'Orphan' : 'Background';
  if (isRecord(given.preconditions)) {
    const { uid, resourceVersion } = given.preconditions;
    options.preconditions = {
      ...(typeof uid === 'string' ? { uid } : {}),
      ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
    };
  }
  return options;
}

/** @throws StatusError 400 */
export function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`${name}: invalid value "${text}": must be a whole number, 0 or more`);
  return Number(text);
}

function versionOf(query: URLSearchParams): string | undefined {
  const version = query.get('resourceVersion');
  if (version === null || version === '') return undefined;
  if (!/^\d{1,16}$/.test(version)) {
    throw badRequest(
      `resourceVersion: invalid value "${version}": use metadata.resourceVersion of an earlier answer, or 0`,
    );
  }
  return version;
}

function isDryRun(values: readonly unknown[], kind: OptionsKind): boolean {
  if (values.some((value) => value !== 'All')) {
    const message = `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`;
    throw invalidOptions(kind, { reason: 'FieldValueNotSupported', field: 'dryRun', message });
  }
  return values.length > 0;
}

function requireFieldValidation(value: string, kind: OptionsKind): FieldValidation {
  if (value === 'Strict' || value === 'Warn' || value === 'Ignore') return value;
  throw invalidOptions(kind, unsupportedCause('fieldValidation', value, ['', 'Ignore', 'Strict', 'Warn']));
}

function requirePolicy(value: unknown): NonNullable<DeleteOptions['propagationPolicy']> {
  if (value === 'Background' || value === 'Foreground' || value === 'Orphan') return value;
  const supported = ['Foreground', 'Background', 'Orphan', 'nil'];
  throw invalidOptions('DeleteOptions', unsupportedCause('propagationPolicy', value, supported));
}

/** Kubernetes names a manager that does not name itself after the first part of its User-Agent. */
function managerOf(userAgent: string | undefined): string {
  const name = (userAgent ?? 'unknown').split('/')[0]?.trim().slice(0, FIELD_MANAGER_MAX_LENGTH);
  return name === undefined || name === '' ? 'unknown' : name;
}
