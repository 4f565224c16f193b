/** The scheduler: folds the log always, decides while it holds the lease. */
import { Module } from '@nestjs/common';
import { Scheduler } from './scheduler.js';

@Module({ providers: [Scheduler] })
export class SchedulerModule {}
