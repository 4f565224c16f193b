/** Entry point of the scheduler. */
import { runService, startNestContext } from '@skyflow/service';
import { keepHeapFrugal } from './memory/frugal-heap.js';
import { SchedulerModule } from './scheduler.module.js';
import { schedulerSettings } from './settings.js';
import { startShadow } from './shadow/shadow-service.js';

keepHeapFrugal();
await runService({ name: 'scheduler', settings: schedulerSettings }, async (context) => {
  const { SKYFLOW_SCHEDULER_SHADOW: shadow, SKYFLOW_SCHEDULER_SHADOW_WITH: file } = context.settings;
  if (shadow === 'true') await startShadow(context, file);
  else await startNestContext(context, SchedulerModule);
});
