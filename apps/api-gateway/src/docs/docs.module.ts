import { Module } from '@nestjs/common';
import { ResourcesModule } from '../api/resources.module.js';
import { DocsController } from './docs.controller.js';
import { OpenApiDocument } from './openapi-document.js';

@Module({ imports: [ResourcesModule], controllers: [DocsController], providers: [OpenApiDocument] })
export class DocsModule {}
