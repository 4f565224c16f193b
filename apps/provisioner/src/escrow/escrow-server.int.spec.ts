/** Sealed copies, asked for over NATS: what there is, and that nothing is given out that is not what it says it is. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { type ClusterStep, type EscrowReply, escrowReplySchema, provisionerRequestSubject } from '@skyflow/contracts';
import { MemoryEventLog, SubjectWriter } from '@skyflow/event-log';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { authorityFingerprint } from '../drivers/rke/state-file.js';
import { EscrowKeys } from './escrow-keys.js';
import { EscrowServer } from './escrow-server.js';

const AUTHORITY = '-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n';
const STATE = JSON.stringify({ desiredState: { certificatesBundle: { 'kube-ca': { certificatePEM: AUTHORITY } } } });
const ref = { kind: 'Cluster', name: 'prod', uid: 'u1' };
const key = randomBytes(32).toString('hex');
const keys = new EscrowKeys([key]);
const log = new MemoryEventLog();
const said: unknown[] = [];
let inUse = (): EscrowKeys => keys;
let nats: NatsFixture;
let connection: NatsConnection;
let server: EscrowServer;

const sealedState = (version: number, text: string, caFingerprint = authorityFingerprint(AUTHORITY)): ClusterStep => ({
  ...{ type: 'Escrowed', what: 'state', version, caFingerprint },
  ...keys.seal(text, 'provisioned/u1/state'),
});

beforeAll(async () => {
  nats = await startNatsFixture();
  connection = await connect({ servers: nats.url });
  const writer = new SubjectWriter({ log, subject: 'sky.evt.provisioner', writer: 'test/1' });
  const steps = [sealedState(1, STATE), sealedState(2, `${STATE} `), sealedState(3, STATE, 'another')];
  await writer.append(
    steps.map((step) => ({
      ...{ type: 'ProvisioningAdvanced', v: 1, at: 0, actor: 'test', corr: 'test' },
      data: { epoch: 1, ref, step },
    })),
  );
  const tell = (...words: unknown[]): void => void said.push(words);
  server = new EscrowServer(connection, log, () => inUse(), { warn: tell, error: tell } as never);
});
afterAll(async () => {
  server[Symbol.dispose]();
  await connection.close();
  await nats.stop();
});

const ask = async (request: object): Promise<EscrowReply> => {
  const answer = await connection.request(provisionerRequestSubject('escrow'), JSON.stringify(request), {
    timeout: 20_000,
  });
  return escrowReplySchema.parse(answer.json());
};

describe('sealed copies', () => {
  it('are listed without what is in them', async () => {
    const reply = await ask({ name: 'prod' });
    expect(reply).toMatchObject({ copies: [{ version: 1, what: 'state' }, { version: 2 }, { version: 3 }] });
    expect(reply).not.toHaveProperty('text');
    expect(JSON.stringify(reply)).not.toContain('sealed');
  });

  it('are opened in the version that is asked for', async () => {
    expect(await ask({ name: 'prod', what: 'state', version: 2 })).toMatchObject({ text: `${STATE} ` });
    expect(await ask({ name: 'prod', what: 'state', version: 9 })).toMatchObject({ code: 404 });
    expect(await ask({ name: 'prod', what: 'kubeconfig' })).toMatchObject({ code: 404 });
    expect(await ask({ name: 'none' })).toMatchObject({ code: 404, error: expect.stringContaining('"none"') });
  });

  it('of another authority than they say are not given out', async () => {
    const reply = await ask({ name: 'prod', what: 'state' });
    expect(reply).toMatchObject({ code: 422, error: expect.stringContaining('sealed as another') });
    expect(reply).not.toHaveProperty('text');
  });

  it('say which key is missing', async () => {
    inUse = () => new EscrowKeys([randomBytes(32).toString('hex')]);
    const reply = await ask({ name: 'prod', what: 'state', version: 1 });
    expect(reply).toMatchObject({ code: 422, error: expect.stringContaining('SKYFLOW_SEALING_KEYS') });
  });
});
