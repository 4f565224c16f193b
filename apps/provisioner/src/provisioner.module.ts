/** The provisioner: one active instance, hot standbys. Today it follows the fleet; its own work comes with its issue. */
import { Module } from '@nestjs/common';
import { FleetFollower } from './fleet/fleet.follower.js';

@Module({ providers: [FleetFollower] })
export class ProvisionerModule {}
