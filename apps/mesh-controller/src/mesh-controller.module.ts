/** The mesh-controller: folds the log always, decides about services while it holds the lease. */
import { Module } from '@nestjs/common';
import { MeshController } from './mesh-controller.js';

@Module({ providers: [MeshController] })
export class MeshControllerModule {}
