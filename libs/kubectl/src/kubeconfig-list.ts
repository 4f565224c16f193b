/** Which kubeconfigs `npx kubectl` reads, so that the contexts of the running instance are there without any set-up. */
import { delimiter, join } from 'node:path';

/**
 * Value for KUBECONFIG: what the user has set; else the user's own file, the instance's clusters, and the gateway itself, in that order: the
 * first file that has a current context wins, and that of the user must stay. kubectl passes over files that do not exist.
 */
export function kubeconfigList(environment: Readonly<Record<string, string | undefined>>, userHome: string): string {
  const { KUBECONFIG, SKYFLOW_HOME } = environment;
  if (KUBECONFIG !== undefined && KUBECONFIG !== '') return KUBECONFIG;
  const home = SKYFLOW_HOME === undefined || SKYFLOW_HOME === '' ? join(userHome, '.skyflow') : SKYFLOW_HOME;
  return [join(userHome, '.kube', 'config'), join(home, 'kubeconfig'), join(home, 'skyflow.kubeconfig')].join(
    delimiter,
  );
}
