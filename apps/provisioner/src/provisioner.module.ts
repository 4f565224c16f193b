/** The provisioner: folds the log always, builds and takes down clusters while it holds the lease. */
import { Module } from '@nestjs/common';
import { Provisioner } from './provisioner.js';

@Module({ providers: [Provisioner] })
export class ProvisionerModule {}
