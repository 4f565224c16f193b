/** Whatever goes wrong in a Nest route is answered as a Kubernetes Status; what was not foreseen shows as a request id only. */
import { randomUUID } from 'node:crypto';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { AgentLinkError } from '@skyflow/agent-link';
import { StatusError, type StatusReason } from '@skyflow/apimachinery';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendStatus } from './send-status.js';

const REASONS: Readonly<Record<number, StatusReason>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

@Catch()
export class StatusFilter implements ExceptionFilter {
  constructor(private readonly onError: (error: unknown, about: object) => void) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { raw } = http.getResponse<FastifyReply>();
    const request = http.getRequest<FastifyRequest>();
    const status = this.statusOf(exception, request);
    sendStatus(raw, status, !request.raw.complete);
  }

  private statusOf(exception: unknown, { method, url }: FastifyRequest): StatusError {
    if (exception instanceof StatusError) return exception;
    if (exception instanceof AgentLinkError) return status(exception.httpStatus, exception.message);
    if (exception instanceof HttpException) return status(exception.getStatus(), exception.message);
    const { statusCode, message } = exception as { statusCode?: unknown; message?: unknown };
    if (typeof statusCode === 'number' && statusCode < 500) return status(statusCode, String(message));
    const requestId = randomUUID();
    this.onError(exception, { requestId, method, path: url });
    const text = `Internal error occurred; the server's log has the cause under request id ${requestId}`;
    return new StatusError(500, 'InternalError', text);
  }
}

const status = (code: number, message: string): StatusError =>
  new StatusError(code, REASONS[code] ?? (code < 500 ? 'BadRequest' : 'ServiceUnavailable'), message);
