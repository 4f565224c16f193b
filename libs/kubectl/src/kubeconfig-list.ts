/** Which kubeconfigs `npx kubectl` reads, so that the contexts of the running instance are there without any set-up. */
import { delimiter, join } from 'node:path';

/**
 * Value for KUBECONFIG: what the user has set; else the instance's clusters, the gateway itself, and the user's own file, in that order.
 * kubectl passes over files that do not exist.
 */
export function kubeconfigList(environment: Readonly<Record<string, string | undefined>>, userHome: string): string {
  const { KUBECONFIG, SKYFLOW_HOME } = environment;
  if (KUBECONFIG !== undefined && KUBECONFIG !== '') return KUBECONFIG;
  const home = SKYFLOW_HOME === undefined || SKYFLOW_HOME === '' ? join(userHome, '.skyflow') : SKYFLOW_HOME;
  return [join(home, 'kubeconfig'), join(home, 'skyflow.kubeconfig'), join(userHome, '.kube', 'config')].join(
    delimiter,
  );
}
