/** Ports of one instance: the API where asked, everything else where free; the same again at the next start if still free. */
import { existsSync, readFileSync } from 'node:fs';
import { freePort, isFree } from '@skyflow/nats-server';
import { writeFileAtomic, type Home } from './home.js';

export const portNames = [
  'nats',
  'https',
  'gatewayHealth',
  'scheduler',
  'mesh',
  'provisioner',
  'supervisor',
  'clusters',
] as const;
export type PortName = (typeof portNames)[number];

export const DEFAULT_HTTP_PORT = 50051;

export interface Ports extends Record<PortName, number> {
  http: number;
}

/** The API's port is taken: the message says by what rule it was chosen and how to choose another. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

/** @throws PortTakenError */
export async function choosePorts(home: Home, wantedHttp: number | undefined): Promise<Ports> {
  const before = readPorts(home);
  const http = wantedHttp ?? before?.http ?? DEFAULT_HTTP_PORT;
  if (!(await isFree(http))) {
    throw new PortTakenError(
      `Port ${http} on 127.0.0.1, for the API, is in use by another program. Stop that, or choose another port: npm run up -- --port ${http + 1}`,
    );
  }
  const chosen: Partial<Ports> = { http };
  for (const name of portNames) {
    const old = before?.[name];
    chosen[name] =
      old !== undefined && !Object.values(chosen).includes(old) && (await isFree(old)) ? old : await freePort();
  }
  const ports = chosen as Ports;
  writeFileAtomic(home.ports, JSON.stringify(ports));
  return ports;
}

function readPorts(home: Home): Partial<Ports> | undefined {
  if (!existsSync(home.ports)) return undefined;
  try {
    return JSON.parse(readFileSync(home.ports, 'utf8')) as Partial<Ports>;
  } catch {
    // A torn file only costs the memory of the ports.
    return undefined;
  }
}
