/** The console's files. They hold no data, so everyone may have them; what they show comes from the API, with the rights of who looks. */
import { Controller, Get, Param, Redirect, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ConsoleFiles } from './console-files.js';

/** Scripts and styles are files of ours; nothing is fetched from, sent to, or shown in any other place. */
const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

@ApiExcludeController()
@Controller('console')
export class ConsoleController {
  private readonly files = new ConsoleFiles();

  /** The page's own addresses are relative to the slash. */
  @Get()
  @Redirect('/console/', 302)
  redirect(): void {
    // The decorator says it all.
  }

  @Get('*')
  file(@Param('*') path: string, @Req() { headers }: FastifyRequest, @Res() reply: FastifyReply): void {
    const file = this.files.find(path);
    void reply
      .header('content-security-policy', CONTENT_POLICY)
      .header('referrer-policy', 'no-referrer')
      .header('cross-origin-opener-policy', 'same-origin')
      .header('permissions-policy', 'camera=(), geolocation=(), microphone=()')
      .header('vary', 'accept-encoding')
      .header('etag', file.etag)
      .header('cache-control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
    if (headers['if-none-match'] === file.etag) {
      void reply.code(304).send();
      return;
    }
    const zipped = /\bgzip\b/.test(headers['accept-encoding'] ?? '') ? file.gzipped : undefined;
    if (zipped !== undefined) void reply.header('content-encoding', 'gzip');
    void reply.type(file.type).send(zipped ?? file.body);
  }
}
