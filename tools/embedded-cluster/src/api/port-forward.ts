/** `kubectl port-forward`: connections to the pod's own address. */
import { badRequest, type ConnectHandler } from '@skyflow/apimachinery';
import { PortForwards } from '../streaming/port-forwards.js';
import { podTarget } from './connect-target.js';
import { portForwardSession } from './upgrades.js';

export const portForward: ConnectHandler = {
  methods: ['GET', 'POST'],
  handle() {
    throw badRequest('portforward needs an upgrade to WebSocket or SPDY/3.1');
  },
  async handleUpgrade({ key, request, socket, head, store }) {
    const { target, pod } = podTarget(store, key);
    const { namespace = '', name } = pod.metadata;
    const forwards = new PortForwards(target.podAddress(namespace, name));
    await portForwardSession({ request, socket, head }, forwards.take);
  },
};
