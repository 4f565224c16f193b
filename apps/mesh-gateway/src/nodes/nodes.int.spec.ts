/** Probes on nodes are believed by whom the cluster's own authority says that they are, and may do nothing else. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { issueCertificate, type Authority } from '@skyflow/certificates';
import { GATEWAY_PROTOCOL, nodeIdentity, type NodeProbeConfig } from '@skyflow/contracts';
import { dialPeer } from '../peers/dial.js';
import { authorityOf, identityOf, Site, until } from '../testing/bed.js';
import { probeRound } from './probe-round.js';
import { tellGateway } from './tell-gateway.js';

const DAY_MS = 86_400_000;

const nodeOf = (cluster: string, authority: Authority): NodeProbeConfig['identity'] =>
  issueCertificate(
    {
      ...{ subject: { commonName: `${cluster} node` }, uris: [nodeIdentity(cluster)], use: 'peer' },
      ...{ lifeMs: DAY_MS, nowMs: Date.now() },
    },
    authority,
  );

describe('probes on nodes', () => {
  let a: Site;
  let b: Site;
  let config: NodeProbeConfig;

  beforeEach(async () => {
    [a, b] = [new Site('a'), new Site('b')];
    a.config.authorities = [a.authority.certificate];
    await a.apply();
    b.peer(a, { addresses: [] });
    await b.apply();
    config = {
      ...{ cluster: 'a', identity: nodeOf('a', a.authority) },
      ...{ authorities: [a.authority.certificate], gateway: a.address },
      peers: [{ cluster: 'b', authorities: [b.authority.certificate], inside: b.address }],
    };
  });
  afterEach(async () => {
    await Promise.all([a.gateway.close(), b.gateway.close()]);
  });

  it('try the gateways of other clusters and tell their own what came of it', async () => {
    await tellGateway(config, await probeRound(config, 'n1'));
    await tellGateway(config, { node: 'n0', reaches: [] });
    const reach = { cluster: 'b', inside: b.address, ok: true, message: `${b.address} answered with 64 KiB` };
    expect(a.gateway.status().nodes).toEqual([
      { node: 'n0', reaches: [] },
      { node: 'n1', reaches: [reach] },
    ]);
  });

  it('say why a cluster is not reached, after several tries', async () => {
    await b.gateway.close();
    const { reaches } = await probeRound(config, 'n1');
    expect(reaches).toEqual([
      { cluster: 'b', inside: config.peers[0]?.inside, ok: false, message: expect.stringContaining('ECONNREFUSED') },
    ]);
  });

  it('are refused with a certificate of another authority, or one of a gateway', async () => {
    const report = { node: 'n1', reaches: [] };
    const strange = { ...config, identity: nodeOf('a', authorityOf('a', 2)) };
    await expect(tellGateway(strange, report)).rejects.toThrow(a.address);
    const gateway = { ...config, identity: identityOf('a', a.authority) };
    await expect(tellGateway(gateway, report)).rejects.toThrow(a.address);
    expect(a.gateway.status().nodes).toEqual([]);
  });

  it('are no gateways: nobody opens sessions with what they have', async () => {
    const peer = { cluster: 'b', authorities: [b.authority.certificate] };
    const { identity } = config;
    const dialled = await dialPeer({
      peer,
      address: b.address,
      protocols: [GATEWAY_PROTOCOL],
      identity,
      withinMs: 5_000,
    });
    dialled.socket.on('error', () => undefined).resume();
    await until('the session to be refused', () => dialled.socket.destroyed);
    expect(b.gateway.status().peers[0]?.sessions).toBe(0);
  });
});
