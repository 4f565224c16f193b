/** Entry point of the scheduler. */
import { runService, startNestContext } from '@skyflow/service';
import { SchedulerModule } from './scheduler.module.js';

await runService({ name: 'scheduler', settings: {} }, async (context) => {
  await startNestContext(context, SchedulerModule);
});
