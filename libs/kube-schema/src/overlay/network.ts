/** discovery.k8s.io/v1 and networking.k8s.io/v1. Sources: their types.go and defaults.go. */
import { atomicMap, itemsOneOf, oneOf, optionalPort, port, protocol, valueSet, type Overlay } from './overlay.js';

export const networkOverlays: readonly Overlay[] = [
  {
    packageName: 'io.k8s.api.discovery.v1',
    types: {
      EndpointSlice: {
        // Go writes `endpoints` always, so upstream calls it required; a slice without any is valid.
        $type: { required: ['addressType'] },
        addressType: oneOf('IPv4', 'IPv6', 'FQDN'),
      },
      Endpoint: { addresses: { ...valueSet, minItems: 1, maxItems: 100 } },
      EndpointPort: {
        $type: atomicMap,
        name: { default: '' },
        port: optionalPort,
        protocol: { ...protocol, default: 'TCP' },
      },
    },
  },
  {
    packageName: 'io.k8s.api.networking.v1',
    types: {
      HTTPIngressPath: { pathType: oneOf('Exact', 'Prefix', 'ImplementationSpecific') },
      ServiceBackendPort: { $type: atomicMap, number: port },
      NetworkPolicySpec: { policyTypes: itemsOneOf('Ingress', 'Egress') },
      NetworkPolicyPort: { protocol: { ...protocol, default: 'TCP' }, endPort: port },
    },
  },
];
