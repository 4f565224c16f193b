/**
 * An endpoint that speaks EC2's query protocol (version 2016-11-15) to the unmodified SDK: signed forms in, XML out, with that API's bad days:
 * answers that are lost or late, throttling, machines and groups that are not listed yet, twins for one request, deletions that linger.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { taken } from '../taken.js';
import { ACTIONS } from './ec2-actions.js';
import { Ec2Error, Ec2World } from './ec2-world.js';
import { answerXml, errorXml, readQuery, textOf } from './ec2-xml.js';

/** `Credential=AKID/20260101/eu-west-1/ec2/aws4_request` */
const CREDENTIAL = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([^/]+)\/ec2\/aws4_request/;

export class FakeEc2 {
  readonly world: Ec2World;
  /** Actions that were called, in order. */
  readonly calls: string[] = [];
  /** Asked right before a call is carried out, and right after: true if who called is gone, and it is not carried out, or not answered. */
  isGone: (side: 'before' | 'after', action: string) => boolean = () => false;
  private readonly server: Server;
  private port = 0;

  constructor(addresses: readonly string[] = ['127.0.0.1'], onKey?: (publicKey: string) => void) {
    this.world = new Ec2World(addresses, onKey);
    this.server = createServer((request, response) => {
      this.answer(request, response).catch(() => request.socket.destroy());
    });
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  /** By which any AWS tool, the SDK included, comes here. */
  get environment(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL_EC2: this.url,
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'fake',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const address = this.server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const query = readQuery(Buffer.concat(chunks).toString('utf8'));
    const action = textOf(query['Action']);
    this.calls.push(action);
    if (this.isGone('before', action)) {
      request.socket.destroy();
      return;
    }
    const { weather } = this.world;
    const requestId = randomUUID();
    let status = 200;
    let body: string;
    try {
      const region = CREDENTIAL.exec(request.headers.authorization ?? '')?.[1];
      if (region === undefined) throw new Ec2Error('AuthFailure', 'AWS was not able to validate the credentials', 401);
      const failure = taken(weather.failures, (each) => each.action === action);
      if (failure !== undefined) throw new Ec2Error(failure.code, failure.message ?? failure.code, failure.status);
      const act = ACTIONS[action];
      if (act === undefined) throw new Ec2Error('InvalidAction', `The action ${action} is not valid`);
      body = answerXml(action, requestId, act(this.world, region, query));
    } catch (error) {
      if (!(error instanceof Ec2Error)) throw error;
      ({ status } = error);
      body = errorXml(error.code, error.message, requestId);
    }
    const isLost = taken(weather.lost, (each) => each === action) !== undefined;
    if (this.isGone('after', action) || isLost) {
      request.socket.destroy();
      return;
    }
    const late = taken(weather.late, (each) => each.action === action);
    if (late !== undefined) await pause(late.ms, undefined, { ref: false });
    response.writeHead(status, { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId }).end(body);
  }
}
