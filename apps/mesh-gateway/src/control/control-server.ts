/** The control API: `PUT /v1/config`, `GET /v1/status`, `POST /v1/probe`, `POST /v1/reach`, over a Unix socket that only this user can open. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { chmod, rm } from 'node:fs/promises';
import {
  type GatewayConfig,
  gatewayConfigSchema,
  type GatewayProbeAnswer,
  gatewayProbeSchema,
  type GatewayReachAnswer,
  gatewayReachSchema,
  type GatewayStatus,
} from '@skyflow/contracts';
import type { Logger } from '@skyflow/service';
import { z } from 'zod';

const MOST_BYTES = 64 * 1024 * 1024;

interface Answer {
  code: number;
  body: unknown;
}

/** What is behind the control API: the gateway, or another data plane. `src/control-contract.int.spec.ts` says what it promises. */
export interface ControlledPlane {
  configure(config: GatewayConfig): Promise<void>;
  status(): GatewayStatus | Promise<GatewayStatus>;
  probe(address: string, port: number): Promise<GatewayProbeAnswer>;
  reach(cluster: string, address: string): Promise<GatewayReachAnswer>;
}

export interface ControlOptions {
  gateway: ControlledPlane;
  /** Of the socket; one that an earlier run left is replaced. */
  path: string;
  /** Called at every request. */
  onAsked?: () => void;
  logger: Logger;
}

export async function serveControl({ gateway, path, onAsked, logger }: ControlOptions): Promise<Server> {
  await rm(path, { force: true });
  const server = createServer((request, response) => {
    onAsked?.();
    void answer(gateway, request, logger).then(({ code, body }) => send(response, code, body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return server;
}

async function answer(gateway: ControlledPlane, request: IncomingMessage, logger: Logger): Promise<Answer> {
  const { method = '', url = '' } = request;
  try {
    switch (`${method} ${url}`) {
      case 'GET /v1/status':
        return { code: 200, body: await gateway.status() };
      case 'PUT /v1/config':
        await gateway.configure(gatewayConfigSchema.parse(await readJson(request)));
        return { code: 200, body: await gateway.status() };
      case 'POST /v1/probe': {
        const { address, port } = gatewayProbeSchema.parse(await readJson(request));
        return { code: 200, body: await gateway.probe(address, port) };
      }
      case 'POST /v1/reach': {
        const { cluster, address } = gatewayReachSchema.parse(await readJson(request));
        return { code: 200, body: await gateway.reach(cluster, address) };
      }
      default: {
        const message = `${method} ${url} is not served; there is GET /v1/status, PUT /v1/config, POST /v1/probe and POST /v1/reach`;
        return { code: 404, body: { message } };
      }
    }
  } catch (error) {
    if (error instanceof z.ZodError) return { code: 422, body: { message: z.prettifyError(error) } };
    if (error instanceof SyntaxError) return { code: 400, body: { message: `the body is no JSON: ${error.message}` } };
    logger.error({ err: error, method, url }, 'a request of the control API failed');
    return { code: 500, body: { message: (error as Error).message } };
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new SyntaxError(`it has more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString());
}

function send(response: ServerResponse, code: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
}
