/** A page to read the API with, and the document that it reads. Everything comes from this machine. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { Controller, Get, Header, Param, Redirect, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { StatusError } from '@skyflow/apimachinery';
import type { FastifyReply } from 'fastify';
import { OpenApiDocument } from './openapi-document.js';

const CONTENT_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'";

const PAGE = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>SkyFlow API</title>
  <link rel="stylesheet" href="swagger-ui.css">
  <link rel="icon" href="favicon-32x32.png">
</head>
<body>
  <div id="api"></div>
  <script src="swagger-ui-bundle.js"></script>
  <script src="start.js"></script>
</body>
</html>
`;

const START = `window.ui = SwaggerUIBundle({ url: '../openapi.json', dom_id: '#api', deepLinking: true });\n`;

/** Files of swagger-ui-dist that the page uses. */
const FILES: ReadonlySet<string> = new Set(['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png']);
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
};

@ApiExcludeController()
@Controller()
export class DocsController {
  constructor(private readonly openApi: OpenApiDocument) {}

  @Get('openapi.json')
  @Header('content-type', 'application/json')
  document(): string {
    return this.openApi.text();
  }

  @Get('docs')
  @Redirect('/docs/index.html', 302)
  docs(): void {
    // The decorator says it all.
  }

  @Get('docs/:file')
  async file(@Param('file') file: string, @Res() reply: FastifyReply): Promise<void> {
    void reply.header('content-security-policy', CONTENT_POLICY).header('x-content-type-options', 'nosniff');
    if (file === 'index.html') await reply.type('text/html; charset=utf-8').send(PAGE);
    else if (file === 'start.js') await reply.type('text/javascript; charset=utf-8').send(START);
    else if (FILES.has(file)) await reply.type(TYPES[extname(file)] ?? 'text/plain').send(await asset(file));
    else
      throw new StatusError(
        404,
        'NotFound',
        `there is no page /docs/${file}; the API is described at /docs/index.html`,
      );
  }
}

const folder = (): string => dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const asset = (file: string): Promise<Buffer> => readFile(join(folder(), file));
