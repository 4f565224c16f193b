/** A data plane behind the control API (libs/contracts, mesh/gateway.ts), whatever carries: how the contract's tests start it and speak to it. */
import { request, type Server } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type GatewayStatus, gatewayStatusSchema } from '@skyflow/contracts';
import { createLogger } from '@skyflow/service';
import { type ControlledPlane, serveControl } from '../control/control-server.js';
import { Gateway } from '../gateway.js';
import type { Limits } from '../limits.js';
import { Told } from './bed.js';

export interface PlaneOptions {
  /** Of this one alone, for its socket and files. */
  folder: string;
  /** Where peers dial it; absent: it only dials. */
  listen: { host: string; port: number } | undefined;
}

export interface Plane extends ControlledPlane {
  /** Takes no new connections, and ends when those that are there have ended, at the latest after the grace. */
  close(graceMs?: number): Promise<void>;
}

export interface PlaneKind {
  name: string;
  start(options: PlaneOptions): Plane;
  /** What of the contract it cannot do, by the name of the clause, and why. */
  lacks: Readonly<Record<string, string>>;
  /** DNS names that certificates must have besides. */
  hosts: readonly string[];
}

export const nodeGateway = (name: string, limits: Partial<Limits>): PlaneKind => ({
  name,
  start: ({ listen }) => new Gateway({ listen, limits, logger: createLogger('test', name, 'fatal') }),
  lacks: {},
  hosts: [],
});

export interface Said {
  code: number | undefined;
  body: unknown;
}

/** One cluster whose data plane is told by its control socket, and by nothing else. */
export class ControlledSite extends Told {
  private constructor(
    cluster: string,
    readonly address: string,
    private readonly path: string,
    private readonly plane: Plane,
    private readonly server: Server,
  ) {
    super(cluster);
  }

  static async start(kind: PlaneKind, cluster: string, { folder, listen }: PlaneOptions): Promise<ControlledSite> {
    const plane = kind.start({ folder, listen });
    const path = join(folder, 'control');
    const server = await serveControl({ gateway: plane, path, logger: createLogger('test', cluster, 'fatal') });
    return new ControlledSite(
      cluster,
      listen === undefined ? '' : `${listen.host}:${listen.port}`,
      path,
      plane,
      server,
    );
  }

  async apply(): Promise<GatewayStatus> {
    return gatewayStatusSchema.parse((await this.ask('PUT', '/v1/config', this.config)).body);
  }

  async status(): Promise<GatewayStatus> {
    return gatewayStatusSchema.parse((await this.ask('GET', '/v1/status')).body);
  }

  ask(method: string, path: string, body?: unknown): Promise<Said> {
    return new Promise((resolve, reject) => {
      const outgoing = request({ socketPath: this.path, method, path, agent: false }, (response) => {
        const { statusCode: code } = response;
        text(response).then((said) => resolve({ code, body: JSON.parse(said) as unknown }), reject);
      });
      outgoing.once('error', reject);
      outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  }

  async close(graceMs?: number): Promise<void> {
    this.server.close();
    await this.plane.close(graceMs);
  }
}
