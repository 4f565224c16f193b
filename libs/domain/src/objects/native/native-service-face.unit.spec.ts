import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ANNOTATION_SERVICE, serviceFromNative, serviceToNative } from './native-service-face.js';

const metadata = { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: 't' };
const service = (spec: object, status?: object) => ({
  apiVersion: 'skyflow.io/v1',
  kind: 'Service',
  metadata,
  spec,
  ...(status === undefined ? {} : { status }),
});
const SPEC = { cluster: 'auto', type: 'ClusterIP', selector: { app: 'web' }, ports: [{ port: 80, protocol: 'TCP' }] };

describe('v1 Service as another face of a service over clusters', () => {
  it('shows the addresses that the cluster gave', () => {
    const native = serviceToNative(
      service({ ...SPEC, type: 'LoadBalancer' }, { clusterIP: '10.0.0.9', externalIPs: ['1.2.3.4', 'lb.example'] }),
    );
    expect(native).toMatchObject({
      apiVersion: 'v1',
      spec: { type: 'LoadBalancer', clusterIP: '10.0.0.9', clusterIPs: ['10.0.0.9'], selector: { app: 'web' } },
      status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }, { hostname: 'lb.example' }] } },
    });
    expect(native.metadata).toEqual(metadata);
  });

  it('comes back as it was, whatever SkyFlow has beyond Kubernetes', () => {
    const specs = fc.record(
      {
        cluster: fc.constantFrom('auto', 'eu-1'),
        type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer'),
        selector: fc.dictionary(fc.constantFrom('app', 'tier'), fc.string()),
        ports: fc.array(fc.record({ port: fc.nat(), targetPort: fc.oneof(fc.nat(), fc.string()) })),
        sources: fc.array(fc.constantFrom('a', 'b')),
        sessionAffinity: fc.constant('ClientIP'),
        plane: fc.constantFrom('flat', 'gateway'),
      },
      { requiredKeys: ['cluster', 'type', 'selector', 'ports'] },
    );
    fc.assert(
      fc.property(specs, (spec) => {
        const native = serviceToNative(service(spec, { clusterIP: '10.0.0.9' }));
        expect(serviceFromNative(native)).toEqual({ ...service(spec), metadata });
      }),
    );
  });

  it('keeps annotations of others, and one of its own that it does not understand', () => {
    const annotations = { a: 'b', [ANNOTATION_SERVICE]: '[' };
    const native = { ...service(SPEC), apiVersion: 'v1', metadata: { ...metadata, annotations } };
    expect(serviceFromNative(native).metadata.annotations).toEqual(annotations);
  });
});
