/** Entry point of the mesh-controller. */
import { runService, startNestContext } from '@skyflow/service';
import { MeshControllerModule } from './mesh-controller.module.js';

await runService({ name: 'mesh-controller', settings: {} }, async (context) => {
  await startNestContext(context, MeshControllerModule);
});
