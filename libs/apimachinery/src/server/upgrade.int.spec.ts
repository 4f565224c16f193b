import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import type { ConnectHandler } from '../api/definition.js';
import { widgetDefinition } from '../testing/definitions.js';
import { serveTestApi, type ServedApi } from '../testing/served-api.js';

describe('an upgrade', () => {
  let api: ServedApi;
  const sockets = new WebSocketServer({ noServer: true });
  const exec: ConnectHandler = {
    methods: ['GET', 'POST'],
    handle: async ({ response }) => Promise.resolve(void response.writeHead(400).end('upgrade')),
    handleUpgrade: async ({ key, query, request, socket, head }, { signal }) =>
      new Promise<void>((resolve) => {
        sockets.handleUpgrade(request, socket, head, (webSocket) => {
          webSocket.send(`${key.namespace ?? ''}/${key.name} ${query.get('command') ?? ''}`);
          signal?.addEventListener('abort', () => webSocket.terminate());
          resolve();
        });
      }),
  };
  const path = '/apis/example.io/v1/namespaces/default/widgets/a';

  afterEach(async () => {
    expect(api.unexpected).toEqual([]);
    await api.close();
  });

  const open = async (url: string): Promise<{ message: string; closed: Promise<number> }> =>
    new Promise((resolve, reject) => {
      const client = new WebSocket(api.url.replace('http:', 'ws:') + url);
      const closed = new Promise<number>((settle) => client.on('close', settle));
      client.on('message', (data: Buffer) => resolve({ message: data.toString(), closed }));
      client.on('error', reject);
    });

  it('goes to the connect handler, which learns when the server closes', async () => {
    api = await serveTestApi({ definitions: [{ ...widgetDefinition, connect: { exec } }] });
    const { message, closed } = await open(`${path}/exec?command=ls`);
    expect(message).toBe('default/a ls');
    api.server.close();
    expect(await closed).toBe(1006);
  });

  it('is refused where there is no handler, or no right', async () => {
    api = await serveTestApi({
      definitions: [
        {
          ...widgetDefinition,
          connect: { exec, log: { methods: ['GET'], handle: async (call, context) => exec.handle(call, context) } },
        },
      ],
      authorize: ({ resource }) => ({ allowed: resource?.name !== 'secret' }),
    });
    await expect(open(`${path}/log`)).rejects.toThrow('400');
    await expect(open(`${path}/nonsense`)).rejects.toThrow('404');
    await expect(open(`${path.replace(/a$/, 'secret')}/exec`)).rejects.toThrow('403');
  });
});
