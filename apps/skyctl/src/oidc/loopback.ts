/**
 * The address on this machine to which an issuer sends the browser back (RFC 8252): one request with our state is taken, all others
 * are told that they are wrong here.
 */
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { usageError } from '../cli/cli-error.js';

export interface Callback {
  url: URL;
  /** What the person sees in the browser. */
  reply(text: string): void;
}

export interface Loopback {
  redirectUri: string;
  /** The browser coming back. */
  callback: Promise<Callback>;
  close(): void;
}

/** @param port 0: any free one. @throws CliError when the port is taken */
export async function listenForBrowser(port: number, state: string): Promise<Loopback> {
  let arrived: (callback: Callback) => void = () => undefined;
  const callback = new Promise<Callback>((resolve) => {
    arrived = resolve;
  });
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', redirectUri);
    if (url.pathname !== '/callback' || url.searchParams.get('state') !== state) {
      show(response, 404, 'Nothing is here for this request. Start again with "skyctl login --oidc".');
      return;
    }
    arrived({ url, reply: (text) => show(response, 200, text) });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(usageError(`--callback-port ${port}: cannot listen there: ${error.message}`, 'name another, or none'));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const redirectUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`;
  return {
    redirectUri,
    callback,
    close: () => {
      server.close();
      server.closeIdleConnections();
    },
  };
}

/** Our own texts only: what a request says is never shown. */
function show(response: ServerResponse, status: number, text: string): void {
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'cache-control': 'no-store',
    connection: 'close',
  };
  response.writeHead(status, headers);
  response.end(`<!doctype html><title>SkyFlow</title><p style="font: 1.2em sans-serif; margin: 4em">${text}</p>\n`);
}
