import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { WorkloadFlags } from './flags.js';
import { clusterFromFlags, clusterNameOf } from './cluster-from-flags.js';
import { deploymentFromFlags, jobFromFlags } from './workload-from-flags.js';

const job = (flags: Partial<WorkloadFlags> = {}) => {
  const result = jobFromFlags({ name: 'hello', namespace: 'default', ...flags });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.object;
};
const problemsOf = (flags: Partial<WorkloadFlags>) => {
  const result = jobFromFlags({ name: 'hello', namespace: 'default', ...flags });
  return result.ok ? [] : result.problems.map(({ flag, value }) => `${flag} ${value}`);
};

describe('a job made of flags', () => {
  it('is one replica of ubuntu with one processor that restarts always when nothing is said', () => {
    expect(job()).toEqual({
      apiVersion: 'skyflow.io/v1',
      kind: 'Job',
      metadata: { name: 'hello', namespace: 'default' },
      spec: {
        replicas: 1,
        template: {
          spec: {
            restartPolicy: 'Always',
            containers: [
              {
                name: 'hello',
                image: 'ubuntu:latest',
                resources: { requests: { cpu: '1' }, limits: { cpu: '1' } },
              },
            ],
          },
        },
      },
    });
  });

  it('runs the line of --run in a shell, untouched', () => {
    const line = `echo "a b" && printf '%s\\n' $X; sleep 1`;
    expect(job({ run: line }).spec.template.spec.containers[0]!.command).toEqual(['/bin/sh', '-c', line]);
  });

  it('counts a bare number of memory in MiB and takes quantities as they are', () => {
    const memory = (text: string) =>
      job({ memory: text }).spec.template.spec.containers[0]!.resources!.requests!.memory;
    expect(memory('512')).toBe('512Mi');
    expect(memory('2Gi')).toBe('2Gi');
    expect(memory('0')).toBeUndefined();
  });

  it('asks for the type of an accelerator on the nodes and for its count as a limit', () => {
    const { spec } = job({ accelerators: 'V100:2' }).spec.template;
    expect(spec.containers[0]!.resources!.limits).toMatchObject({ 'nvidia.com/gpu': '2' });
    expect(JSON.stringify(spec.affinity)).toContain('"skyflow.io/accelerator","operator":"In","values":["V100",');
    expect(JSON.stringify(spec.affinity)).toContain('nvidia-tesla-v100');
  });

  it('says everything that is wrong at once', () => {
    expect(
      problemsOf({
        replicas: 'two',
        cpus: '1x',
        memory: '-5',
        gpus: '0.5',
        accelerators: 'V100:0',
        ports: ['70000', '80/QUIC'],
        restartPolicy: 'Sometimes',
        labels: [
          { key: 'app', value: 'a' },
          { key: 'app', value: 'b' },
        ],
        run: 'x',
        command: ['y'],
      }).sort(),
    ).toEqual([
      '--accelerators V100:0',
      '--cpus 1x',
      '--gpus 0.5',
      '--labels app=b',
      '--memory -5',
      '--ports 70000',
      '--ports 80/QUIC',
      '--replicas two',
      '--restart-policy Sometimes',
      '--run x',
    ]);
  });

  it('refuses GPUs that contradict the accelerator', () => {
    expect(problemsOf({ accelerators: 'V100:2', gpus: '3' })).toEqual(['--gpus 3']);
    expect(problemsOf({ accelerators: 'V100:2', gpus: '2' })).toEqual([]);
  });

  it('loses no flag: every value that was given is in the object', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9]{0,12}$/);
    const pairs = fc.uniqueArray(fc.record({ key: word, value: fc.string({ maxLength: 20 }) }), {
      selector: (pair) => pair.key,
      maxLength: 4,
    });
    fc.assert(
      fc.property(
        fc.record({
          name: word,
          namespace: word,
          image: word,
          run: fc.string({ minLength: 1 }),
          replicas: fc.integer({ min: 1, max: 1e6 }),
          cpus: fc.integer({ min: 1, max: 512 }),
          memory: fc.integer({ min: 1, max: 1e6 }),
          gpus: fc.integer({ min: 1, max: 16 }),
          envs: pairs,
          labels: pairs,
          ports: fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { maxLength: 5 }),
          restartPolicy: fc.constantFrom('Always', 'OnFailure', 'Never', 'never'),
          clusters: fc.uniqueArray(word, { maxLength: 3 }),
          kind: fc.constantFrom('job', 'deployment'),
        }),
        (given) => {
          const flags: WorkloadFlags = {
            ...given,
            replicas: String(given.replicas),
            cpus: String(given.cpus),
            memory: String(given.memory),
            gpus: String(given.gpus),
            ports: given.ports.map(String),
          };
          const result = given.kind === 'job' ? jobFromFlags(flags) : deploymentFromFlags(flags);
          if (!result.ok) throw new Error(JSON.stringify(result.problems));
          const { metadata, spec } = result.object;
          const { containers, restartPolicy } = spec.template.spec;
          const [container] = containers;
          const map = (list: readonly { key: string; value: string }[]) =>
            Object.fromEntries(list.map(({ key, value }) => [key, value]));
          expect(metadata).toMatchObject({ name: given.name, namespace: given.namespace });
          expect(metadata.labels ?? {}).toEqual(map(given.labels));
          expect(spec.template.metadata?.labels ?? {}).toMatchObject(map(given.labels));
          expect(spec.replicas).toBe(given.replicas);
          expect(spec.placement?.clusters ?? []).toEqual(given.clusters);
          expect(restartPolicy?.toLowerCase()).toBe(given.restartPolicy.toLowerCase());
          expect(container!.image).toBe(given.image);
          expect(container!.command).toEqual(['/bin/sh', '-c', given.run]);
          expect(container!.resources!.requests).toEqual({
            cpu: flags.cpus,
            memory: `${given.memory}Mi`,
            'nvidia.com/gpu': flags.gpus,
          });
          const env = (container!.env ?? []) as { name: string; value: string }[];
          expect(Object.fromEntries(env.map(({ name, value }) => [name, value]))).toEqual(map(given.envs));
          const ports = (container!.ports ?? []) as { containerPort: number }[];
          expect(ports.map(({ containerPort }) => containerPort)).toEqual(given.ports);
        },
      ),
    );
  });
});

describe('a deployment made of flags', () => {
  it('selects its pods by a label that its template carries', () => {
    const result = deploymentFromFlags({ name: 'web', namespace: 'default', labels: [{ key: 'app', value: 'nginx' }] });
    if (!result.ok) throw new Error('refused');
    const { selector, template } = result.object.spec;
    expect(selector.matchLabels).toEqual({ 'app.kubernetes.io/name': 'web' });
    expect(template.metadata?.labels).toEqual({ app: 'nginx', 'app.kubernetes.io/name': 'web' });
  });
});

describe('a cluster made of flags', () => {
  it('keeps a context that is a DNS label as its name', () => {
    expect(clusterFromFlags({ context: 'mluo-cloud', manager: 'k8' })).toEqual({
      ok: true,
      object: {
        apiVersion: 'skyflow.io/v1',
        kind: 'Cluster',
        metadata: { name: 'mluo-cloud' },
        spec: { manager: 'k8', context: 'mluo-cloud' },
      },
    });
  });

  it('makes a DNS label of any other context', () => {
    expect(clusterNameOf('gke_sky-burst_us-central1-c_mluo-cloud')).toBe('gke-sky-burst-us-central1-c-mluo-cloud');
    fc.assert(
      fc.property(fc.stringMatching(/[a-z0-9]/), (context) => {
        expect(clusterNameOf(context)).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
      }),
    );
  });

  it('refuses managers that SkyFlow does not have', () => {
    const result = clusterFromFlags({ context: 'x', manager: 'slurm' });
    expect(result.ok ? [] : result.problems.map((problem) => problem.flag)).toEqual(['--manager']);
  });
});
