import { describe, expect, it } from '@jest/globals';
import { serviceFromFlags } from './service-from-flags.js';

const NAMED = { name: 'web', namespace: 'default' };
const ports = [{ key: '8008', value: '80' }];

describe('a service from flags', () => {
  it('is what the README of the seed system asks for', () => {
    const result = serviceFromFlags({
      name: 'my-nginx-service',
      namespace: 'default',
      type: 'loadbalancer',
      selector: [{ key: 'app', value: 'nginx' }],
      ports,
      cluster: 'mluo-onprem',
    });
    expect(result).toMatchObject({
      ok: true,
      object: {
        kind: 'Service',
        spec: {
          type: 'LoadBalancer',
          cluster: 'mluo-onprem',
          selector: { app: 'nginx' },
          ports: [{ port: 8008, targetPort: 80 }],
        },
      },
    });
  });

  it('names its ports when there are several, and takes target ports by name', () => {
    const result = serviceFromFlags({ ...NAMED, ports: [...ports, { key: '443', value: 'https' }] });
    expect(result).toMatchObject({
      object: { spec: { ports: [{ name: 'p8008' }, { name: 'p443', port: 443, targetPort: 'https' }] } },
    });
  });

  it.each([
    [
      { type: 'Headless', ports },
      { type: 'ClusterIP', clusterIP: 'None' },
    ],
    [
      { externalName: 'db.example.org' },
      { type: 'ExternalName', externalName: 'db.example.org', selector: {}, ports: [] },
    ],
    [
      { ports, minLocal: '3' },
      { spread: 'local-first', localFirst: { minReady: 3 } },
    ],
    [{ ports, spread: 'clusters' }, { spread: 'clusters' }],
    [
      { ports, ipFamilies: ['ipv4,ipv6'], ipFamilyPolicy: 'preferdualstack' },
      { ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'PreferDualStack' },
    ],
    [
      {
        ports: [
          { key: '53', value: '5353/udp' },
          { key: '53', value: '5353' },
        ],
      },
      {
        ports: [
          { name: 'p53-udp', protocol: 'UDP', port: 53, targetPort: 5353 },
          { name: 'p53', port: 53, targetPort: 5353 },
        ],
      },
    ],
  ])('of every kind: %j', (flags, spec) => {
    expect(serviceFromFlags({ ...NAMED, ...flags })).toMatchObject({ ok: true, object: { spec } });
  });

  it('says everything that is wrong at once', () => {
    const result = serviceFromFlags({ ...NAMED, type: 'Gateway', ports: [{ key: '0', value: '99999' }] });
    expect(result).toMatchObject({
      ok: false,
      problems: [
        { flag: '--type', value: 'Gateway' },
        { flag: '--ports', value: '0' },
        { flag: '--ports', value: '99999' },
      ],
    });
    expect(serviceFromFlags(NAMED)).toMatchObject({ ok: false, problems: [{ flag: '--ports' }] });
  });
});
