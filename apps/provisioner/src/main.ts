/** Entry point of the provisioner. */
import { runService, startNestContext } from '@skyflow/service';
import { ProvisionerModule } from './provisioner.module.js';
import { provisionerSettings } from './settings.js';

await runService({ name: 'provisioner', settings: provisionerSettings }, async (context) => {
  await startNestContext(context, ProvisionerModule);
});
