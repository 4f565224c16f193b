/** Where the modules of capabilities add the resources that they serve. */
import { Module } from '@nestjs/common';
import { ServedResources } from './served-resources.js';

@Module({ providers: [ServedResources], exports: [ServedResources] })
export class ResourcesModule {}
