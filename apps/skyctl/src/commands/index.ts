/** Every command of skyctl. Definitions only: the code of a command is loaded when it runs. */
import type { CommandSpec } from '../cli/command-spec.js';
import {
  inviteDefinition,
  loginDefinition,
  logoutDefinition,
  registerDefinition,
  revokeInviteDefinition,
} from './account/account.definition.js';
import { apiResourcesDefinition } from './api-resources/api-resources.definition.js';
import { patchDefinition } from './patch/patch.definition.js';
import { editDefinition } from './edit/edit.definition.js';
import { diffDefinition } from './diff/diff.definition.js';
import { annotateDefinition, labelDefinition } from './label/label.definition.js';
import { pluginDefinitionBeside } from './plugin/plugin.definition.js';
import { topDefinition } from './top/top.definition.js';
import { nodeDefinition } from './node/node.definition.js';
import { applyDefinition } from './apply/apply.definition.js';
import { clusterDefinition } from './cluster/cluster.definition.js';
import { authDefinition } from './auth/auth.definition.js';
import { attachDefinition } from './attach/attach.definition.js';
import { backupDefinition } from './backup/backup.definition.js';
import { completionDefinition } from './completion/completion.definition.js';
import { configDefinition } from './config/config.definition.js';
import { consoleDefinition } from './console/console.definition.js';
import { cpDefinition } from './cp/cp.definition.js';
import { createDefinition } from './create/create.definition.js';
import { debugDefinition } from './debug/debug.definition.js';
import { deleteDefinition } from './delete/delete.definition.js';
import { describeDefinition } from './describe/describe.definition.js';
import { eventsDefinition } from './events/events.definition.js';
import { execDefinition } from './exec/exec.definition.js';
import { explainDefinition } from './explain/explain.definition.js';
import { getDefinition } from './get/get.definition.js';
import { historyDefinition } from './history/history.definition.js';
import { kubeconfigDefinition } from './kubeconfig/kubeconfig.definition.js';
import { meshDefinition } from './mesh/mesh.definition.js';
import { logsDefinition } from './logs/logs.definition.js';
import { queueDefinition } from './queue/queue.definition.js';
import { rebalanceDefinition } from './rebalance/rebalance.definition.js';
import { replayDefinition } from './replay/replay.definition.js';
import { portForwardDefinition } from './port-forward/port-forward.definition.js';
import { rolloutDefinition } from './rollout/rollout.definition.js';
import { scaleDefinition } from './scale/scale.definition.js';
import { simulateDefinition } from './simulate/simulate.definition.js';
import { statusDefinition } from './status/status.definition.js';
import { uninstallDefinition } from './uninstall/uninstall.definition.js';
import { usageDefinition } from './usage/usage.definition.js';
import { versionDefinition } from './version/version.definition.js';
import { waitDefinition } from './wait/wait.definition.js';

/** What the completion scripts ask; not for people. Here, because it completes all the commands below. */
const completeDefinition: CommandSpec = {
  name: '__complete',
  direct: true,
  hidden: true,
  summary: 'Complete the words after "--"; used by the scripts of "skyctl completion"',
  load: async () => (await import('./completion/complete.js')).completeAmong(COMMANDS),
};

export const COMMANDS: readonly CommandSpec[] = [
  createDefinition,
  getDefinition,
  describeDefinition,
  editDefinition,
  patchDefinition,
  applyDefinition,
  diffDefinition,
  deleteDefinition,
  labelDefinition,
  annotateDefinition,
  logsDefinition,
  execDefinition,
  attachDefinition,
  cpDefinition,
  portForwardDefinition,
  eventsDefinition,
  waitDefinition,
  scaleDefinition,
  rolloutDefinition,
  rebalanceDefinition,
  explainDefinition,
  historyDefinition,
  topDefinition,
  usageDefinition,
  clusterDefinition,
  nodeDefinition,
  queueDefinition,
  meshDefinition,
  simulateDefinition,
  replayDefinition,
  backupDefinition,
  uninstallDefinition,
  statusDefinition,
  debugDefinition,
  consoleDefinition,
  loginDefinition,
  logoutDefinition,
  registerDefinition,
  inviteDefinition,
  revokeInviteDefinition,
  authDefinition,
  configDefinition,
  kubeconfigDefinition,
  apiResourcesDefinition,
  completionDefinition,
  completeDefinition,
  pluginDefinitionBeside(() => COMMANDS),
  versionDefinition,
];
