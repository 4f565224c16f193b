/** `kubectl exec` and `kubectl attach`: a command beside a container, or the container's own process. */
import { badRequest, type ConnectHandler, StatusError } from '@skyflow/apimachinery';
import type { RemoteProcess } from '../process/remote-process.js';
import { preparedExec } from '../process/exec-process.js';
import { runRemote } from '../streaming/run-remote.js';
import { wantedStreams, type WantedStreams } from '../streaming/remote-streams.js';
import { type ConnectTarget, podTarget } from './connect-target.js';
import { containerOf } from './pod-container.js';
import { remoteStreams } from './upgrades.js';

interface About {
  target: ConnectTarget;
  namespace: string;
  pod: string;
  container: string;
  query: URLSearchParams;
  wanted: WantedStreams;
}

/**
 * @param prepare finds what the client is to be connected to, so that it may be refused before it is answered; what it returns
 * starts it, when there is somebody to read what it says
 */
function connection(name: string, prepare: (about: About) => Promise<() => RemoteProcess>): ConnectHandler {
  return {
    methods: ['GET', 'POST'],
    handle() {
      throw new StatusError(400, 'BadRequest', `${name} needs an upgrade to WebSocket or SPDY/3.1`);
    },
    async handleUpgrade({ key, query, request, socket, head, store }) {
      const { target, pod } = podTarget(store, key);
      const container = containerOf(pod, query.get('container'));
      const wanted = wantedStreams(query);
      const { namespace = '', name: podName } = pod.metadata;
      const start = await prepare({ target, namespace, pod: podName, container, query, wanted });
      const streams = await remoteStreams({ request, socket, head }, wanted);
      if (streams !== undefined) void runRemote(start(), streams);
    },
  };
}

export const exec = connection('exec', async ({ target, namespace, pod, container, query, wanted }) => {
  const command = query.getAll('command');
  if (command.length === 0) throw badRequest('you must specify at least one command');
  const place = target.execTarget(namespace, pod, container);
  return preparedExec({ place, command, stdin: wanted.stdin, tty: wanted.tty });
});

export const attach = connection('attach', ({ target, namespace, pod, container, wanted }) =>
  Promise.resolve(target.attachTarget(namespace, pod, container, wanted)),
);
