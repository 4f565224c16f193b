import { describe, expect, it } from '@jest/globals';
import { observationSubject, readerConsumer, subjectMatches, workSubject } from '@skyflow/contracts';
import fc from 'fast-check';
import { LOG_ACCOUNT, agentAccount, natsAccounts } from './nats-accounts.js';
import { type NatsGrants, natsGrants, natsServices } from './nats-rules.js';

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/);
const may = (patterns: readonly string[], subject: string): boolean =>
  patterns.some((pattern) => subjectMatches(pattern, subject));

describe('what agents may do on NATS', () => {
  it('is about their own cluster only, whatever it is called', () => {
    fc.assert(
      fc.property(label, label, (own, other) => {
        fc.pre(own !== other);
        const { publish, subscribe } = natsGrants({ agent: own });
        expect(may(publish, observationSubject(own))).toBe(true);
        const foreign = natsGrants({ agent: other });
        for (const [mine, theirs] of [
          [publish, foreign.publish],
          [subscribe, foreign.subscribe],
        ] as const)
          for (const subject of theirs) expect(may(mine, subject.replaceAll('*', 'x'))).toBe(false);
      }),
    );
  });

  it('is never to write work, commands or decisions, nor to make or delete consumers and streams', () => {
    fc.assert(
      fc.property(label, (cluster) => {
        const { publish } = natsGrants({ agent: cluster });
        const never = [
          workSubject(cluster),
          'sky.cmd.0',
          ...['scheduler', 'mesh', 'provisioner'].map((role) => `sky.evt.${role}`),
          `$JS.API.STREAM.DELETE.SKYFLOW`,
          `$JS.API.CONSUMER.CREATE.SKYFLOW.${readerConsumer(cluster, 0)}`,
          `$JS.API.CONSUMER.DELETE.SKYFLOW.${readerConsumer(cluster, 0)}`,
        ];
        for (const subject of never) expect(may(publish, subject)).toBe(false);
      }),
    );
  });
});

describe('what services may do on NATS', () => {
  const others = natsServices.filter((service) => service !== 'operator');
  const grants = (each: (typeof natsServices)[number]): NatsGrants => natsGrants({ service: each });

  it('only the gateway writes commands; each decider only its own decisions; none can delete from the log', () => {
    const writers = (subject: string): string[] => others.filter((each) => may(grants(each).publish, subject));
    expect(writers('sky.cmd.0')).toEqual(['api-gateway']);
    expect(writers('sky.evt.scheduler')).toEqual(['scheduler']);
    expect(writers('sky.evt.mesh')).toEqual(['mesh-controller']);
    expect(writers('sky.evt.provisioner')).toEqual(['provisioner']);
    expect(writers('sky.work.east')).toEqual(['scheduler', 'mesh-controller']);
    expect(writers('sky.obs.east')).toEqual([]);
    for (const verb of ['DELETE', 'PURGE', 'UPDATE', 'RESTORE', 'MSG.DELETE'])
      expect(writers(`$JS.API.STREAM.${verb}.SKYFLOW`)).toEqual([]);
  });
});

describe('the accounts of a nats-server', () => {
  it('are the same for the same keys in any order; no key is in two accounts', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(label, fc.nat()), { selector: ([name]) => name }), (clusters) => {
        const agents = clusters.map(([name, key]) => [name, [`U.${name}.${key}`, `V.${name}`]] as const);
        const services = { scheduler: ['S'], operator: ['O'] };
        const made = natsAccounts({ services, agents: Object.fromEntries(agents) });
        const turned = agents.toReversed().map(([name, keys]) => [name, keys.toReversed()] as const);
        expect(natsAccounts({ services, agents: Object.fromEntries(turned) })).toEqual(made);
        const keys = made.flatMap(({ users }) => users.map(({ nkey }) => nkey));
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });

  it('import into an account of an agent only what the log exports, and only its own', () => {
    fc.assert(
      fc.property(label, (cluster) => {
        const accounts = natsAccounts({ services: {}, agents: { [cluster]: ['U'], other: ['W'] } });
        const log = accounts.find(({ name }) => name === LOG_ACCOUNT);
        const own = accounts.find(({ name }) => name === agentAccount(cluster));
        const { publish, subscribe } = natsGrants({ agent: cluster });
        expect(own?.imports.map(({ subject }) => subject).sort()).toEqual([...publish, ...subscribe].sort());
        for (const { type, subject } of own?.imports ?? []) {
          const offered = log?.exports.some((each) => each.type === type && subjectMatches(each.subject, subject));
          expect(offered).toBe(true);
        }
      }),
    );
  });

  it('leave out an agent without a key, and one whose cluster has no name that is a token of a subject', () => {
    const accounts = natsAccounts({
      services: {},
      agents: { east: [], '*': ['U'], 'a.b': ['V'], '>': ['W'], UP: ['X'] },
    });
    expect(accounts.map(({ name }) => name)).toEqual(['SYS', 'SKYFLOW']);
  });
});
