/** Schemas of the derived kinds of the mesh. */
import type { Schema } from '@skyflow/apimachinery';
import { serviceStatusSchema } from '../kinds/service-schema.js';

const text = (description: string): Schema => ({ type: 'string', description });
const count = (description: string): Schema => ({ type: 'integer', format: 'int64', minimum: 0, description });
const list = (description: string, items: Schema): Schema => ({ type: 'array', description, items });

export const linkSpecSchema: Schema = {
  type: 'object',
  description: 'Which way it is.',
  properties: { from: text('Cluster with services.'), to: text('Cluster with pods of theirs.') },
};

export const linkStatusSchema: Schema = {
  type: 'object',
  description: 'What was proved of it.',
  properties: {
    phase: text('UP, DEGRADED, DOWN or UNKNOWN.'),
    message: text('The evidence.'),
    planes: list('How pods are reached over it.', text('flat or gateway.')),
    ready: count('Ready endpoints.'),
    total: count('Endpoints in all.'),
    services: list('By service.', {
      type: 'object',
      properties: {
        service: text('namespace/name.'),
        plane: text('flat, gateway or undecided.'),
        state: text('UP, DOWN, OVERLAP or UNKNOWN.'),
        message: text('The evidence.'),
        since: text('Since when.'),
        ready: count('Ready endpoints.'),
        total: count('Endpoints in all.'),
      },
    }),
    rttMs: { type: 'number', minimum: 0, description: 'Milliseconds there and back between the gateways.' },
    evidence: list('What was looked at to know how pods are reached.', {
      type: 'object',
      properties: {
        check: text(
          'networks (of the pods of both clusters), addresses (that pods say they have), pods (whether they are reached at those, with packets of full size) or back (the same the other way).',
        ),
        ok: { type: 'boolean', description: 'Whether it speaks for the flat plane; absent: it is not known.' },
        message: text('What was found.'),
      },
    }),
    traffic: {
      type: 'object',
      description: 'What the gateway has carried since it started.',
      properties: {
        connections: count('Connections so far.'),
        open: count('Connections now.'),
        refused: count('Connections that could not be carried.'),
        sentBytes: count('Towards the pods.'),
        receivedBytes: count('From the pods.'),
      },
    },
  },
};

const { cluster, ready, total, endpoints } = serviceStatusSchema({}).properties ?? {};

export const endpointsStatusSchema: Schema = {
  type: 'object',
  description: 'The pods behind the service of the same name.',
  properties: {
    ...(cluster === undefined ? {} : { cluster }),
    ...(ready === undefined ? {} : { ready }),
    ...(total === undefined ? {} : { total }),
    ...(endpoints === undefined ? {} : { endpoints }),
  },
};
