import { describe, expect, it } from '@jest/globals';
import { addResources, parseResourceList, podRequests } from '@skyflow/domain';
import fc from 'fast-check';
import { conditionOf } from '../model/object-facts.js';
import type { Pod } from '../model/pod.js';
import { node, pod, Simulation } from '../testing/simulation.js';
import { schedulePending } from './scheduler.js';

function run(simulation: Simulation): void {
  const { view, nowMs } = simulation;
  simulation.apply(schedulePending(view, view.podsOnNode(''), nowMs).writes);
}

const placed = (simulation: Simulation, name: string): Pod => simulation.state.get('Pod', 'default', name)!;
const message = (simulation: Simulation, name: string): string =>
  conditionOf(placed(simulation, name).status?.conditions, 'PodScheduled')?.message ?? '';

describe('the scheduler of a cluster', () => {
  it('never over-commits a node, in no resource', () => {
    const amounts = fc.record({ cpu: fc.integer({ min: 0, max: 3000 }), gpu: fc.integer({ min: 0, max: 3 }) });
    const property = fc.property(
      fc.array(amounts, { minLength: 1, maxLength: 4 }),
      fc.array(amounts, { maxLength: 25 }),
      (nodes, pods) => {
        const simulation = new Simulation();
        for (const [at, { cpu, gpu }] of nodes.entries()) {
          simulation.add(node(`n${at}`, { cpu: `${cpu}m`, memory: '8Gi', 'nvidia.com/gpu': String(gpu), pods: '7' }));
        }
        for (const [at, { cpu, gpu }] of pods.entries()) {
          simulation.add(pod(`p${at}`, { cpu: `${cpu}m`, 'nvidia.com/gpu': String(gpu) }));
          if (at % 3 === 0) run(simulation);
        }
        run(simulation);
        for (const { metadata, status } of simulation.state.list('Node')) {
          const bound = simulation.state.podsOnNode(metadata.name);
          const used = bound.reduce<Record<string, number>>(
            (sum, each) => addResources(sum, podRequests(each.spec)),
            {},
          );
          for (const [resource, amount] of Object.entries(parseResourceList(status?.allocatable))) {
            expect(used[resource] ?? 0).toBeLessThanOrEqual(amount);
          }
        }
      },
    );
    fc.assert(property, { numRuns: 100 });
  });

  it('says in the words of kube-scheduler why nothing fits, once, and places the pod when room appears', () => {
    const simulation = new Simulation();
    simulation.add(node('small', { cpu: '1', memory: '1Gi' }));
    simulation.add(node('cordoned', { cpu: '9', memory: '9Gi' }, { unschedulable: true }));
    simulation.add(pod('big', { cpu: '4', memory: '2Gi' }));
    run(simulation);
    run(simulation);
    expect(message(simulation, 'big')).toMatch(
      /^0\/2 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 node\(s\) were unschedulable\. /,
    );
    expect(simulation.events.filter((event) => event.startsWith('FailedScheduling'))).toHaveLength(1);
    simulation.add(node('large', { cpu: '8', memory: '8Gi' }));
    run(simulation);
    expect(placed(simulation, 'big').spec.nodeName).toBe('large');
  });

  it('places no pod whose volume claim is not there or is going', () => {
    const simulation = new Simulation();
    simulation.add(node('large', { cpu: '8', memory: '8Gi' }));
    const volumes = [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }];
    simulation.add(pod('needy', { cpu: '1' }, { volumes }));
    run(simulation);
    expect(message(simulation, 'needy')).toMatch(
      /^0\/1 nodes are available: persistentvolumeclaim "data" not found\. /,
    );
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', spec: {} };
    simulation.add({ ...claim, metadata: { name: 'data', namespace: 'default' } });
    run(simulation);
    expect(placed(simulation, 'needy').spec.nodeName).toBe('large');
  });

  it('obeys node selectors, required affinity, taints and tolerations', () => {
    const simulation = new Simulation();
    const gpuTaint = { key: 'gpu', value: 'yes', effect: 'NoSchedule' };
    const large = { cpu: '8', memory: '8Gi' };
    const labelled = node('gpu', large, { taints: [gpuTaint] });
    simulation.add({ ...labelled, metadata: { name: 'gpu', labels: { zone: 'a' } } });
    simulation.add(node('plain', large));
    const zoneA = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }],
        },
      },
    };
    simulation.add(pod('anywhere', {}));
    simulation.add(pod('refused', {}, { nodeSelector: { zone: 'a' } }));
    simulation.add(pod('tolerant', {}, { affinity: zoneA, tolerations: [{ key: 'gpu', operator: 'Exists' }] }));
    run(simulation);
    expect(placed(simulation, 'anywhere').spec.nodeName).toBe('plain');
    expect(placed(simulation, 'tolerant').spec.nodeName).toBe('gpu');
    expect(message(simulation, 'refused')).toContain('1 node(s) had untolerated taint {gpu: yes}');
    expect(message(simulation, 'refused')).toContain("1 node(s) didn't match Pod's node affinity/selector");
  });

  it('spreads over the least allocated nodes', () => {
    const simulation = new Simulation();
    for (const name of ['a', 'b', 'c']) simulation.add(node(name, { cpu: '4', memory: '8Gi' }));
    for (let at = 0; at < 6; at++) simulation.add(pod(`p${at}`, { cpu: '1' }));
    run(simulation);
    const counts = ['a', 'b', 'c'].map((name) => simulation.state.podsOnNode(name).length);
    expect(counts).toEqual([2, 2, 2]);
  });

  it('places the pod of higher priority first', () => {
    const simulation = new Simulation();
    simulation.add(node('one', { cpu: '1', memory: '1Gi' }));
    simulation.add(pod('low', { cpu: '1' }));
    simulation.add(pod('high', { cpu: '1' }, { priority: 1000 }));
    run(simulation);
    expect(placed(simulation, 'high').spec.nodeName).toBe('one');
    expect(placed(simulation, 'low').spec.nodeName).toBeUndefined();
  });
});
