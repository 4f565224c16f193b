/** The control API of the mesh gateway beside this agent (libs/contracts, mesh/gateway.ts). */
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  gatewayProbeAnswerSchema,
  gatewayReachAnswerSchema,
  gatewayStatusSchema,
  type GatewayConfig,
  type GatewayProbeAnswer,
  type GatewayReachAnswer,
  type GatewayStatus,
} from '@skyflow/contracts';

/** The gateway refuses, or does not answer. */
export class GatewayControlError extends Error {
  override readonly name = 'GatewayControlError';
}

const TIMEOUT_MS = 15_000;

export class GatewayClient {
  /** @param path of its control socket. */
  constructor(private readonly path: string) {}

  /** @throws GatewayControlError */
  async configure(config: GatewayConfig): Promise<GatewayStatus> {
    return gatewayStatusSchema.parse(await this.ask('PUT', '/v1/config', config));
  }

  /** @throws GatewayControlError */
  async status(): Promise<GatewayStatus> {
    return gatewayStatusSchema.parse(await this.ask('GET', '/v1/status'));
  }

  /** @throws GatewayControlError */
  async probe(address: string, port: number): Promise<GatewayProbeAnswer> {
    return gatewayProbeAnswerSchema.parse(await this.ask('POST', '/v1/probe', { address, port }));
  }

  /** @throws GatewayControlError */
  async reach(cluster: string, address: string): Promise<GatewayReachAnswer> {
    return gatewayReachAnswerSchema.parse(await this.ask('POST', '/v1/reach', { cluster, address }));
  }

  private async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    try {
      const { code, answer } = await this.send(method, path, body);
      if (code === 200) return answer;
      const { message } = answer as { message?: string };
      throw new GatewayControlError(`${method} ${path}: ${code} ${message ?? ''}`);
    } catch (error) {
      if (error instanceof GatewayControlError) throw error;
      throw new GatewayControlError(`${method} ${path}: ${(error as Error).message}`, { cause: error });
    }
  }

  private send(method: string, path: string, body: unknown): Promise<{ code: number | undefined; answer: unknown }> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { socketPath: this.path, method, path, agent: false, timeout: TIMEOUT_MS },
        (response) => {
          text(response).then((said) => resolve({ code: response.statusCode, answer: JSON.parse(said) }), reject);
        },
      );
      outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
      outgoing.once('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}
