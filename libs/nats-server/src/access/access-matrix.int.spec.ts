/** Identities × subjects × (publish, subscribe), generated from the rules; every cell is tried at a real nats-server. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { subjectMatches } from '@skyflow/contracts';
import { agentVerbs, natsGrants, natsServices } from '@skyflow/domain';
import { type NatsFixture, TestKeys, nameOf, startNatsFixture } from '../testing/index.js';

const CLUSTERS = ['east', 'west', 'scheduler', '0'];
const OPERATOR = { service: 'operator' } as const;
const ROLES = ['scheduler', 'mesh', 'provisioner'];
const STREAMS = ['SKYFLOW', 'KV_SKYFLOW_LEASES', 'KV_SKYFLOW_COORDINATION'];

/** Every family of subjects, with each cluster, service and stream in it. */
const subjects = [
  ...[
    'sky.cmd.0',
    'sky.cmd.1',
    'sky.ask.shadow.report',
    'sky',
    'sky.other',
    'anything.else',
    'sky.ask.scheduler.other',
    'sky.ask.provisioner.plan',
    'sky.ask.provisioner.escrow',
    'sky.ask.provisioner.other',
  ],
  '$KV.SKYFLOW_COORDINATION.default.web',
  ...['preview', 'explain', 'simulate'].map((verb) => `sky.ask.scheduler.${verb}`),
  ...ROLES.flatMap((role) => [`sky.evt.${role}`, `$KV.SKYFLOW_LEASES.${role}`]),
  ...CLUSTERS.flatMap((cluster) => [
    ...['work', 'obs', 'hb', 'usage', 'unseal', 'reader'].map((family) => `sky.${family}.${cluster}`),
    ...[...agentVerbs, 'other'].map((verb) => `sky.agent.${cluster}.${verb}`),
    `sky.link.${cluster}.up.x1`,
    `sky.link.${cluster}.down.x1`,
    `sky.link.${cluster}.other.x1`,
    ...[0, 3, 4].map((slot) => `$JS.API.CONSUMER.MSG.NEXT.SKYFLOW.agent_${cluster}_${slot}`),
    `$JS.API.CONSUMER.CREATE.SKYFLOW.agent_${cluster}_0`,
    `$JS.API.CONSUMER.CREATE.SKYFLOW.agent_${cluster}_0.sky.work.${cluster}`,
    `$JS.API.DIRECT.GET.SKYFLOW.sky.work.${cluster}`,
  ]),
  ...natsServices.flatMap((service) => [`sky.svc.${service}`, `_INBOX.${service}.x1`]),
  '_INBOX.x1',
  ...STREAMS.flatMap((stream) => [
    ...['INFO', 'CREATE', 'UPDATE', 'DELETE', 'PURGE', 'SNAPSHOT', 'RESTORE', 'MSG.GET', 'MSG.DELETE'].map(
      (verb) => `$JS.API.STREAM.${verb}.${stream}`,
    ),
    ...['CREATE', 'DELETE', 'INFO', 'MSG.NEXT', 'DURABLE.CREATE'].map(
      (verb) => `$JS.API.CONSUMER.${verb}.${stream}.c1`,
    ),
    ...['LIST', 'NAMES'].map((verb) => `$JS.API.CONSUMER.${verb}.${stream}`),
    `$JS.API.DIRECT.GET.${stream}`,
    `$JS.ACK.${stream}.c1.1.1.1.1.0`,
  ]),
  ...['INFO', 'STREAM.LIST', 'STREAM.NAMES'].map((verb) => `$JS.API.${verb}`),
  '$SYS.REQ.SERVER.PING',
];

const keys = new TestKeys(CLUSTERS);
let nats: NatsFixture;
const connections: NatsConnection[] = [];
const open = async (identity: (typeof keys.identities)[number]): Promise<NatsConnection> => {
  const connection = await keys.connect(nats.url, identity);
  connections.push(connection);
  return connection;
};

beforeAll(async () => {
  nats = await startNatsFixture({ accounts: keys.accounts() });
}, 120_000);
afterAll(async () => {
  await Promise.all(connections.map((connection) => connection.close()));
  await nats.stop();
});

describe.each(keys.identities.map((identity) => ({ name: nameOf(identity), identity })))('$name', ({ identity }) => {
  const grants = natsGrants(identity);
  const allowed = (patterns: readonly string[]): string[] =>
    subjects.filter((subject) => patterns.some((pattern) => subjectMatches(pattern, subject)));

  it('is heard on what it may publish on, and nowhere else', async () => {
    const observer = await open(OPERATOR);
    const heard: string[] = [];
    const nonce = `${nameOf(identity)} speaks`;
    observer.subscribe('>', {
      callback: (_error, message) => {
        if (message.string() === nonce) heard.push(message.subject);
      },
    });
    await observer.flush();
    const speaker = await open(identity);
    for (const subject of subjects) speaker.publish(subject, nonce);
    await speaker.flush();
    await observer.flush();
    expect(heard.sort()).toEqual(allowed(grants.publish).sort());
  });

  it('hears what it may subscribe to, and nothing else', async () => {
    const listener = await open(identity);
    const speaker = await open(OPERATOR);
    const heard = new Set<string>();
    const nonce = `for ${nameOf(identity)}`;
    const hear = (subject: string): unknown =>
      listener.subscribe(subject, {
        callback: (error, message) => {
          if (error === null && message.string() === nonce) heard.add(message.subject);
        },
      });
    for (const subject of subjects) hear(subject);
    // Wildcards show no more.
    for (const subject of ['>', 'sky.>', 'sky.*.*', '$JS.API.>', '_INBOX.>', '*.>']) hear(subject);
    await listener.flush();
    for (const subject of subjects) speaker.publish(subject, nonce);
    await speaker.flush();
    await listener.flush();
    expect([...heard].sort()).toEqual(allowed(grants.subscribe).sort());
  });

  it('reaches nothing more by naming it as the address of answers', async () => {
    if (!('agent' in identity)) return;
    const observer = await open(OPERATOR);
    const agent = await open(identity);
    const heard: string[] = [];
    observer.subscribe('>', { callback: (_error, message) => void heard.push(message.subject) });
    observer.subscribe(`sky.unseal.${identity.agent}`, {
      callback: (_error, message) => void message.respond('an answer'),
    });
    await observer.flush();
    const others = subjects.filter((subject) => !allowed(grants.publish).includes(subject));
    for (const reply of others) agent.publish(`sky.unseal.${identity.agent}`, '', { reply });
    await agent.flush();
    await observer.flush();
    await agent.flush();
    await observer.flush();
    expect(heard.filter((subject) => others.includes(subject))).toEqual([]);
  });
});
