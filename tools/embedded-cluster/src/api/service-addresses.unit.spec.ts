import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ResourceDefinition } from '@skyflow/apimachinery';
import type { Service } from '../model/workloads.js';
import { ServiceAddresses } from './service-addresses.js';

const definition = { group: '', version: 'v1', kind: 'Service', plural: 'services' } as ResourceDefinition;

describe('service addresses', () => {
  let services: Service[];
  let addresses: ServiceAddresses;

  beforeEach(() => {
    services = [];
    addresses = new ServiceAddresses('10.96', () => services);
  });

  const add = (spec: Service['spec']): Service => {
    const name = `s${services.length}`;
    const service: Service = { apiVersion: 'v1', kind: 'Service', metadata: { name, uid: name }, spec };
    addresses.assign(service, definition);
    services.push(service);
    return service;
  };

  it('are never given twice, nor are node ports', () => {
    for (let at = 0; at < 600; at++) add({ type: 'NodePort', ports: [{ port: 80 }, { port: 81 }] });
    const ips = services.map(({ spec }) => spec.clusterIP);
    const ports = services.flatMap(({ spec }) => (spec.ports ?? []).map(({ nodePort }) => nodePort));
    expect(new Set(ips).size).toBe(600);
    expect(new Set(ports).size).toBe(1200);
    expect(ips.every((ip) => /^10\.96\.\d+\.([1-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-4])$/.test(ip ?? ''))).toBe(true);
  });

  it('that are asked for are given when free, and refused by name when not', () => {
    add({ clusterIP: '10.96.0.77' });
    expect(services[0]?.spec).toMatchObject({ clusterIP: '10.96.0.77', clusterIPs: ['10.96.0.77'] });
    expect(() => add({ clusterIP: '10.96.0.77' })).toThrow('provided IP is already allocated');
  });

  it('stay when a service is changed by someone who leaves them out', () => {
    const before = add({ type: 'NodePort', ports: [{ port: 80 }] });
    const { clusterIP, ports } = before.spec;
    const after: Service = { ...before, spec: { type: 'NodePort', ports: [{ port: 80 }] } };
    addresses.assign(after, definition, before);
    expect(after.spec).toMatchObject({ clusterIP, ports });
  });

  it('are not given to headless and external services; a node port goes with the type', () => {
    expect(add({ clusterIP: 'None' }).spec.clusterIP).toBe('None');
    expect(add({ type: 'ExternalName', externalName: 'example.org' }).spec.clusterIP).toBeUndefined();
    const exposed = add({ type: 'NodePort', ports: [{ port: 80 }] });
    const inner: Service = { ...exposed, spec: { ...exposed.spec, type: 'ClusterIP' } };
    addresses.assign(inner, definition, exposed);
    expect(inner.spec.ports?.[0]?.nodePort).toBeUndefined();
  });
});
