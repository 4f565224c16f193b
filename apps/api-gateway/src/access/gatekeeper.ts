/**
 * The one gate: whoever wants anything of the gateway comes through here, by HTTP or WebSocket, to the API machinery or to our own routes.
 * Says who asks (401), as whom (impersonation), and whether he may (403, naming the verb and kind that are missing); refusals are
 * audited.
 */
import type { IncomingMessage } from 'node:http';
import {
  type Decision,
  type RequestAttributes,
  type ResourceDefinition,
  StatusError,
  type Visible,
} from '@skyflow/apimachinery';
import {
  AUTHENTICATED,
  type AccessDecision,
  type Identity,
  type Rights,
  decideAccess,
  decideCollection,
  decideParts,
} from '@skyflow/domain';
import type { AccessModel } from './access-model.js';
import { type Asked, askedOfResource, askedOfRoute, clusterOf } from './asked.js';
import type { Authenticator } from './authenticator.js';
import type { RateGate } from './rate-gate.js';
import type { StreamGate } from './stream-gate.js';

export interface GatekeeperOptions {
  access: AccessModel;
  authenticator: Authenticator;
  /** Told of every refusal. */
  audit: (refusal: Refusal) => void;
  definitions: () => readonly ResourceDefinition[];
  rate: RateGate;
  streams: StreamGate;
}

/** A request that was refused, as the audit log has it. */
export interface Refusal {
  code: 401 | 403 | 429;
  user?: string;
  impersonator?: string;
  method: string;
  path: string;
  verb?: string;
  kind?: string;
  namespace?: string;
  name?: string;
  requestId?: string;
  address?: string;
}

/** Everyone who is somebody may ask what there is and what he may do. */
const OPEN_DOCUMENTS = /^\/($|api(\/|$)|apis(\/|$)|openapi(\/|$)|version\/?$)/;
const BY_KIND: ReadonlySet<string> = new Set(['/stream', '/waitingworkloads', '/clusterstates']);
const AUDIT_FLOODS_EVERY_MS = 1_000;
const MOST_FLOODS = 10_000;
const SELF_REVIEWS: ReadonlySet<string> = new Set([
  'SelfSubjectAccessReview',
  'SelfSubjectRulesReview',
  'SelfSubjectReview',
]);

export class Gatekeeper {
  private readonly identities = new WeakMap<IncomingMessage, Identity>();
  /** Who sent it, where that is another than whom he acts as. */
  private readonly senders = new WeakMap<IncomingMessage, Identity>();
  /** When somebody was last told that he asks too much; a flood must not become one of the audit log. */
  private readonly floods = new Map<string, number>();

  constructor(private readonly options: GatekeeperOptions) {}

  /** Who asks; for the API machinery. Undefined: nobody that is known. @throws StatusError 403 if he may not act as another. */
  authenticate = (request: IncomingMessage): Identity | undefined | Promise<Identity | undefined> => {
    const found = this.options.authenticator.identify(request);
    return found instanceof Promise ? found.then((each) => this.known(request, each)) : this.known(request, found);
  };

  /** Whether he may; for the API machinery. */
  authorize = (attributes: RequestAttributes): Decision => {
    const { definition, resource, user, method, path, requestId, verb } = attributes;
    if (definition === undefined || resource === undefined) {
      if (this.isOpen(path)) return { allowed: true };
      return this.decided(
        user,
        askedOfRoute(method, path, () => undefined),
        { method, path, requestId },
      );
    }
    if (SELF_REVIEWS.has(definition.kind)) return { allowed: true };
    const asked = askedOfResource(definition, resource, method, verb);
    return this.decided(user, asked, { method, path, requestId }, definition);
  };

  /**
   * Lets a request to one of our own routes in: identified and allowed, or refused. Its identity is there for {@link identityOf}.
   * @throws StatusError 401, 403
   */
  async admit(request: IncomingMessage): Promise<Identity> {
    const identity = await this.authenticate(request);
    if (identity === undefined) throw unauthorized();
    const { method = 'GET', url = '/' } = request;
    const path = url.split('?', 1)[0] ?? '/';
    // Accounts are one's own affair; what is about several kinds is asked about kind by kind.
    if (path.startsWith('/auth/') || BY_KIND.has(path)) return identity;
    const asked = this.askedOf(method, path);
    const decision = this.decided(identity, asked, { method, path });
    if (decision.allowed) return identity;
    throw refusedRoute(identity, asked, decision.reason ?? '');
  }

  /**
   * Counts an answer that stays open, and looks at it again whenever access changes: who sent it must still be somebody, and still be
   * allowed what `ask` asks; where he sees only a part, and his rights are others now, it ends so that he asks anew.
   * Returns what is to be called at its end. @throws StatusError 429
   */
  keepOpen(
    request: IncomingMessage,
    ask: (identity: Identity) => Decision,
    end: (why?: StatusError) => void,
  ): () => void {
    const identity = this.identityOf(request);
    const sender = this.senders.get(request) ?? identity;
    const isLimited = isNarrowed(ask(identity));
    const rights = this.rightsText(identity);
    const review = (): StatusError | 'changed' | undefined => {
      const still = this.options.authenticator.standsFor(request, sender);
      if (still === undefined) return unauthorized();
      try {
        const now = this.senders.has(request) ? this.actingAs(request, still) : still;
        const decision = ask(now);
        if (!decision.allowed) {
          return new StatusError(403, 'Forbidden', `the right to this was taken away: ${decision.reason ?? ''}`);
        }
        return (isLimited || isNarrowed(decision)) && this.rightsText(now) !== rights ? 'changed' : undefined;
      } catch (error) {
        if (error instanceof StatusError) return error;
        throw error;
      }
    };
    return this.withinLimits(request, identity.name, () => this.options.streams.add({ identity, review, end }));
  }

  /** A decision about a watch of all objects of a kind, now. */
  watchDecision(identity: Identity, definition: ResourceDefinition, namespace?: string): Decision {
    const asked = askedOfResource(definition, namespace === undefined ? {} : { namespace }, 'GET', 'watch');
    return this.decided(identity, asked, { method: 'GET', path: '/stream' }, definition);
  }

  /** A decision about one of our own routes, now. */
  routeDecision(identity: Identity, { method = 'GET', url = '/' }: IncomingMessage): Decision {
    const path = url.split('?', 1)[0] ?? '/';
    return this.decided(identity, this.askedOf(method, path), { method, path });
  }

  /** Which clusters' parts of the answer he may see who sent a request to one of our own routes; undefined: of all. */
  visibleClusters(request: IncomingMessage): ((cluster: string) => boolean) | undefined {
    const { method = 'GET', url = '/' } = request;
    const decision = this.may(this.identityOf(request), this.askedOf(method, url.split('?', 1)[0] ?? '/'));
    if (!decision.allowed) return () => false;
    return 'visible' in decision ? (cluster) => decision.visible({ cluster }) : undefined;
  }

  /** Audits a refusal that was decided elsewhere: a wrong password, an invite that is not good. */
  noteRefusal(request: IncomingMessage, code: Refusal['code'], about: Pick<Refusal, 'user' | 'verb' | 'kind'>): void {
    const { method = 'GET', url = '/' } = request;
    const address = request.socket.remoteAddress;
    const path = url.split('?', 1)[0] ?? '/';
    this.options.audit({ code, ...about, method, path, ...(address === undefined ? {} : { address }) });
  }

  /** What of all objects of a kind he who asks may watch (or list); undefined: everything. @throws StatusError 403 */
  admitWatch(
    request: IncomingMessage,
    definition: ResourceDefinition,
    namespace?: string,
    verb: 'watch' | 'list' = 'watch',
  ): Visible | undefined {
    const identity = this.identityOf(request);
    const { method = 'GET', url = '/' } = request;
    const asked = askedOfResource(definition, namespace === undefined ? {} : { namespace }, method, verb);
    const decision = this.decided(identity, asked, { method, path: url.split('?', 1)[0] ?? '/' }, definition);
    if (decision.allowed) return decision.visible;
    throw refusedRoute(identity, asked, decision.reason ?? '');
  }

  /** For routes that everyone may use: not too often. @throws StatusError 429 */
  admitStranger(request: IncomingMessage): void {
    const address = request.socket.remoteAddress ?? '';
    this.withinLimits(request, undefined, () => this.options.rate.stranger(address));
  }

  /** Whether everyone who is somebody may read this path. */
  isOpen(path: string): boolean {
    return OPEN_DOCUMENTS.test(path);
  }

  /** Who sent a request that was let in. */
  identityOf(request: IncomingMessage): Identity {
    const identity = this.identities.get(request);
    if (identity === undefined) throw unauthorized();
    return identity;
  }

  rightsOf(identity: Identity): Rights {
    return this.options.access.rightsOf(identity);
  }

  /** Whether an identity may do one thing. */
  may(identity: Identity, asked: Asked): AccessDecision {
    const rights = this.rightsOf(identity);
    if (asked.parts !== undefined) return decideParts(rights, asked, asked.parts);
    return asked.collection ? decideCollection(rights, asked) : decideAccess(rights, asked);
  }

  private known(request: IncomingMessage, identity: Identity | undefined): Identity | undefined {
    if (identity === undefined) {
      const { method = 'GET', url = '/' } = request;
      const address = request.socket.remoteAddress;
      this.withinLimits(request, undefined, () => this.options.rate.stranger(address ?? ''));
      this.options.audit({
        code: 401,
        method,
        path: url.split('?', 1)[0] ?? '/',
        ...(address === undefined ? {} : { address }),
      });
      return undefined;
    }
    this.withinLimits(request, identity.name, () => this.options.rate.known(identity));
    const as = request.headers['impersonate-user'];
    const acting =
      as === undefined && request.headers['impersonate-group'] === undefined
        ? identity
        : this.actingAs(request, identity);
    this.identities.set(request, acting);
    if (acting !== identity) this.senders.set(request, identity);
    return acting;
  }

  private askedOf(method: string, path: string): Asked {
    return askedOfRoute(method, path, (group, version, plural) =>
      this.options
        .definitions()
        .find((each) => each.group === group && each.version === version && each.plural === plural),
    );
  }

  /** Runs what may say 429, which is audited: once a second of each. @throws StatusError 429 */
  private withinLimits<T>(request: IncomingMessage, user: string | undefined, run: () => T): T {
    try {
      return run();
    } catch (error) {
      const who = user ?? request.socket.remoteAddress ?? '';
      const nowMs = performance.now();
      if (nowMs - (this.floods.get(who) ?? -Infinity) >= AUDIT_FLOODS_EVERY_MS) {
        if (this.floods.size >= MOST_FLOODS) this.floods.clear();
        this.floods.set(who, nowMs);
        this.noteRefusal(request, 429, user === undefined ? {} : { user });
      }
      throw error;
    }
  }

  private rightsText(identity: Identity): string {
    return JSON.stringify(this.rightsOf(identity).rules);
  }

  private actingAs(request: IncomingMessage, identity: Identity): Identity {
    const { 'impersonate-user': user } = request.headers;
    if (typeof user !== 'string' || user === '') {
      throw new StatusError(400, 'BadRequest', 'Impersonate-Group needs Impersonate-User beside it: say who, too');
    }
    const groups = request.headersDistinct['impersonate-group'] ?? [];
    const { method = 'GET', url = '/' } = request;
    const wanted = [{ kind: 'User', name: user }, ...groups.map((name) => ({ kind: 'Group', name }))];
    for (const { kind, name } of wanted) {
      const asked: Asked = { verb: 'impersonate', kind, name, namespaced: false, collection: false };
      const decision = this.decided(identity, asked, { method, path: url.split('?', 1)[0] ?? '/' });
      if (!decision.allowed) throw refusedRoute(identity, asked, decision.reason ?? '');
    }
    const own = groups.length > 0 ? groups : (this.options.access.identityOf(user)?.groups ?? []);
    return { name: user, groups: [...new Set([...own, AUTHENTICATED])] };
  }

  private decided(
    identity: Identity,
    asked: Asked,
    request: Pick<Refusal, 'method' | 'path' | 'requestId'>,
    definition?: ResourceDefinition,
  ): Decision {
    const decision = this.may(identity, asked);
    if (!decision.allowed) {
      const { verb, kind, namespace, name } = asked;
      this.options.audit({
        code: 403,
        user: identity.name,
        ...request,
        verb,
        kind,
        ...(namespace === undefined ? {} : { namespace }),
        ...(name === undefined ? {} : { name }),
      });
      return decision;
    }
    if (!('visible' in decision)) return decision;
    const { visible } = decision;
    return {
      allowed: true,
      visible: (key) => {
        const cluster = definition && clusterOf(definition, key.name);
        return visible(cluster === undefined ? key : { ...key, cluster });
      },
    };
  }
}

const isNarrowed = (decision: Decision): boolean => decision.allowed && decision.visible !== undefined;

export const unauthorized = (): StatusError =>
  new StatusError(
    401,
    'Unauthorized',
    'Unauthorized: send a valid token as "Authorization: Bearer <token>"; "skyctl login" gets one',
  );

function refusedRoute(identity: Identity, asked: Asked, reason: string): StatusError {
  const { verb, kind, namespace, name } = asked;
  const what = name === undefined ? kind : `${kind} "${name}"`;
  const where = namespace === undefined ? '' : ` in the namespace "${namespace}"`;
  const text = `${what} is forbidden: User "${identity.name}" cannot ${verb} ${kind}${where}: ${reason}`;
  return new StatusError(403, 'Forbidden', text, { ...(name === undefined ? {} : { name }), kind });
}
