import { describe, expect, it } from '@jest/globals';
import { live, pod, runningPod, share, storedObject } from './native-samples.testing.js';
import { observeWork } from './observe-work.js';
import { outsideReferences, referenceText } from './outside-references.js';

const web = (pod: object) =>
  storedObject('Job', { replicas: 2, template: { spec: { containers: [{ name: 'main', image: 'x' }], ...pod } } });

describe('what a share needs that SkyFlow does not bring', () => {
  it('is everything that its pods refer to but what travels with it, what is optional, what stays in SkyFlow, and what every namespace has', () => {
    const object = web({
      serviceAccountName: 'runner',
      priorityClassName: 'urgent',
      imagePullSecrets: [{ name: 'registry' }, { name: 'registry' }],
      volumes: [
        { name: 'a', secret: { secretName: 'db' } },
        { name: 'b', configMap: { name: 'maybe', optional: true } },
        { name: 'c', persistentVolumeClaim: { claimName: 'data' } },
      ],
    });
    const brought = share(object, { dependencies: [storedObject('Secret', undefined, 'db')] });
    expect(outsideReferences(brought).map(referenceText)).toEqual([
      'PersistentVolumeClaim data',
      'Secret registry',
      'ServiceAccount runner',
    ]);
    expect(outsideReferences(share(web({ serviceAccountName: 'default' })))).toEqual([]);
    expect(outsideReferences(share(storedObject('Job', 'nonsense')))).toEqual([]);
  });

  it('is named in the status of a share whose pods wait, with what they say, and not in that of one that runs', () => {
    const of = share(web({ serviceAccountName: 'runner' }));
    const missing = ['Secret db', 'ServiceAccount runner'];
    const workload = live(of, { observedGeneration: 1, updatedReplicas: 2 });
    const waiting = pod('a', { phase: 'Pending', containerStatuses: [] });
    expect(observeWork(of, { workload, pods: [waiting], missing })).toMatchObject({
      phase: 'PENDING',
      reason: 'MissingDependency',
      message:
        'Secret db, ServiceAccount runner are missing on the cluster; create them there in namespace team ' +
        '(ConfigMaps and Secrets also in SkyFlow); ContainerCreating: pod a is starting',
    });
    const running = [runningPod('a'), runningPod('b')];
    expect(observeWork(of, { workload, pods: running, missing })).not.toHaveProperty('reason');
  });
});
