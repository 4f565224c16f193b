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
