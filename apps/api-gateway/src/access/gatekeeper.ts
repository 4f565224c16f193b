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
} from '@skyflow/domain';
import type { AccessModel } from './access-model.js';
import { type Asked, askedOfResource, askedOfRoute, clusterOf } from './asked.js';
import type { Authenticator } from './authenticator.js';
import type { RateGate } from './rate-gate.js';

export interface GatekeeperOptions {
  access: AccessModel;
  authenticator: Authenticator;
  /** Told of every refusal. */
  audit: (refusal: Refusal) => void;
  definitions: () => readonly ResourceDefinition[];
  rate: RateGate;
}

/** A request that was refused, as the audit log has it. */
export interface Refusal {
  code: 401 | 403;
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
const SELF_REVIEWS: ReadonlySet<string> = new Set([
  'SelfSubjectAccessReview',
  'SelfSubjectRulesReview',
  'SelfSubjectReview',
]);

export class Gatekeeper {
  private readonly identities = new WeakMap<IncomingMessage, Identity>();

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
    // Accounts are one's own affair; a stream is asked about kind by kind.
    if (path.startsWith('/auth/') || path === '/stream') return identity;
    const asked = askedOfRoute(method, path, (group, version, plural) =>
      this.options
        .definitions()
        .find((each) => each.group === group && each.version === version && each.plural === plural),
    );
    const decision = this.decided(identity, asked, { method, path });
    if (decision.allowed) return identity;
    throw refusedRoute(identity, asked, decision.reason ?? '');
  }

  /** What of all objects of a kind he who asks may watch; undefined: everything. @throws StatusError 403 */
  admitWatch(request: IncomingMessage, definition: ResourceDefinition, namespace?: string): Visible | undefined {
    const identity = this.identityOf(request);
    const { method = 'GET', url = '/' } = request;
    const asked = askedOfResource(definition, namespace === undefined ? {} : { namespace }, method, 'watch');
    const decision = this.decided(identity, asked, { method, path: url.split('?', 1)[0] ?? '/' }, definition);
    if (decision.allowed) return decision.visible;
    throw refusedRoute(identity, asked, decision.reason ?? '');
  }

  /** For routes that everyone may use: not too often. @throws StatusError 429 */
  admitStranger({ socket }: IncomingMessage): void {
    this.options.rate.stranger(socket.remoteAddress ?? '');
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
    return asked.collection ? decideCollection(rights, asked) : decideAccess(rights, asked);
  }

  private known(request: IncomingMessage, identity: Identity | undefined): Identity | undefined {
    if (identity === undefined) {
      const { method = 'GET', url = '/' } = request;
      const address = request.socket.remoteAddress;
      this.options.rate.stranger(address ?? '');
      this.options.audit({
        code: 401,
        method,
        path: url.split('?', 1)[0] ?? '/',
        ...(address === undefined ? {} : { address }),
      });
      return undefined;
    }
    this.options.rate.known(identity);
    const as = request.headers['impersonate-user'];
    const acting =
      as === undefined && request.headers['impersonate-group'] === undefined
        ? identity
        : this.actingAs(request, identity);
    this.identities.set(request, acting);
    return acting;
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
