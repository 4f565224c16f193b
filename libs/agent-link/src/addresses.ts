/**
 * Where both ends of a stream listen. With the agent of a cluster they are subjects of that cluster, both told by one id: the agent may
 * speak and listen there and at no other's (libs/domain, nats-access). With anyone else they are inboxes.
 */
import { agentRequestSubject, linkDownSubject, linkUpSubject, type AgentVerb } from '@skyflow/contracts';
import { createInbox, nuid, type NatsConnection } from '@nats-io/nats-core';

export interface Addresses {
  /** Where the client listens. */
  up: string;
  /** Where the agent will; absent: it says so with its first frame. */
  down?: string;
}

const REQUEST = patternOf(agentRequestSubject('*', '*' as AgentVerb));
const UP = patternOf(linkUpSubject('*', '*'));

/** For a new stream that is asked for on `subject`. */
export function addressesFor(subject: string, nc: NatsConnection): Addresses {
  const cluster = REQUEST.exec(subject)?.[1];
  if (cluster === undefined) {
    return { up: createInbox((nc as { options?: { inboxPrefix?: string } }).options?.inboxPrefix) };
  }
  const id = nuid.next();
  return { up: linkUpSubject(cluster, id), down: linkDownSubject(cluster, id) };
}

/** What is asked for on `subject`, in a word or two, for a span. */
export function questionOn(subject: string): string {
  return REQUEST.exec(subject)?.[2] ?? subject;
}

/** Where the agent listens when the client does at `up`. */
export function downOf(up: string): string | undefined {
  const [, cluster, id] = UP.exec(up) ?? [];
  return cluster === undefined || id === undefined ? undefined : linkDownSubject(cluster, id);
}

function patternOf(subject: string): RegExp {
  return new RegExp(`^${subject.replaceAll('.', String.raw`\.`).replaceAll('*', '([^.]+)')}$`);
}
