/** Entry point of the provisioner. */
import { runService, startNestContext } from '@skyflow/service';
import { ProvisionerModule } from './provisioner.module.js';

await runService({ name: 'provisioner', settings: {} }, async (context) => {
  await startNestContext(context, ProvisionerModule);
});
