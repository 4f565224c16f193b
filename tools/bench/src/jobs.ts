/** The job that the benchmarks create: about half a kilobyte, as a user's simple job is. */

export const JOBS_PATH = '/apis/skyflow.io/v1/namespaces/default/jobs';

/** `cpu` decides where it goes: `1m` fits anywhere, `1000` nowhere. */
export function jobBody(name: string, cpu: string): object {
  return {
    apiVersion: 'skyflow.io/v1',
    kind: 'Job',
    metadata: { name, labels: { app: 'bench' } },
    spec: {
      replicas: 1,
      template: {
        metadata: { labels: { app: 'bench' } },
        spec: {
          containers: [
            { name: 'main', image: 'example.com/bench:1', resources: { requests: { cpu, memory: '16Mi' } } },
          ],
        },
      },
    },
  };
}
