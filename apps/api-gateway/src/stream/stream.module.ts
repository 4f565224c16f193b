import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { ApiModule } from '../api/api.module.js';
import { ResourcesModule } from '../api/resources.module.js';
import { StreamController } from './stream.controller.js';

@Module({ imports: [ResourcesModule, AccessModule, ApiModule], controllers: [StreamController] })
export class StreamModule {}
