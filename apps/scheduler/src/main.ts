/** Entry point of the scheduler. */
import { runService, startNestContext } from '@skyflow/service';
import { SchedulerModule } from './scheduler.module.js';
import { schedulerSettings } from './settings.js';
import { startShadow } from './shadow/shadow-service.js';

await runService({ name: 'scheduler', settings: schedulerSettings }, async (context) => {
  if (context.settings.SKYFLOW_SCHEDULER_SHADOW === 'true') await startShadow(context);
  else await startNestContext(context, SchedulerModule);
});
