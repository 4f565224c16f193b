/**
 * Gives agents the keys of the Secrets that their clusters' work refers to, and of no others: the cluster must have a share of a
 * workload whose pods name the Secret, and gets the key sealed to the public key that its agent published in the log.
 */
import type { NatsConnection } from '@nats-io/transport-node';
import {
  type StoredObject,
  type UnsealReply,
  type UnsealRequest,
  sealedName,
  unsealRequestSchema,
  unsealSubject,
} from '@skyflow/contracts';
import { type ObjectsState, dependencyKeysOf } from '@skyflow/domain';
import { deliver } from '@skyflow/agent-link';
import type { Keyring } from './keyring.js';

/** Of several gateways one answers. */
const QUEUE = 'gateways';

export function serveUnseal(
  nats: NatsConnection,
  keyring: Keyring,
  state: () => ObjectsState,
  warn: (line: string) => void,
): void {
  nats.subscribe(unsealSubject('*'), {
    queue: QUEUE,
    callback: (error, message) => {
      if (error !== null) {
        warn(`requests for keys of Secrets are not heard: ${error.message}`);
        return;
      }
      const reply = answer(message.string(), message.subject, keyring, state());
      if ('error' in reply) warn(`a key of a Secret was refused: ${reply.error}`);
      message.respond(JSON.stringify(reply));
    },
  });
}

/** Never throws. `subject` is what the asker may publish on: it says which cluster asks. */
export function answer(text: string, subject: string, keyring: Keyring, state: ObjectsState): UnsealReply {
  try {
    const request = unsealRequestSchema.parse(JSON.parse(text));
    if (subject !== unsealSubject(request.cluster)) {
      return { error: `the request of ${subject} names another cluster, ${request.cluster}` };
    }
    return keyFor(request, keyring, state);
  } catch (error) {
    return { error: (error as Error).message };
  }
}

function keyFor(request: UnsealRequest, keyring: Keyring, state: ObjectsState): UnsealReply {
  const { cluster, uid, workload, secret } = request;
  const record = state.table.get('Cluster', '', cluster);
  if (record?.uid !== uid) return { error: `there is no cluster ${cluster} with uid ${uid}` };
  const publicKey = record.observation?.sealingKey;
  if (publicKey === undefined) return { error: `the agent of ${cluster} has published no key yet` };
  const user = state.table.get(workload.kind, workload.namespace, workload.name);
  const boundTo = sealedName(workload.namespace, secret);
  if (user?.uid !== workload.uid || user.workload?.shares.some((share) => share.cluster === cluster) !== true) {
    return { error: `${cluster} has no share of ${workload.kind} ${workload.namespace}/${workload.name}` };
  }
  const template = {
    metadata: { namespace: user.namespace },
    ...(JSON.parse(user.body) as object),
  } as unknown as StoredObject;
  if (!dependencyKeysOf(template).includes(boundTo)) {
    return { error: `${workload.kind} ${workload.namespace}/${workload.name} does not refer to ${boundTo}` };
  }
  return { key: deliver(publicKey, keyring.keyOf(request, boundTo), boundTo) };
}
