/** Schemas of the derived kinds of the mesh. */
import { PLANE_CHOICES, type Schema } from '@skyflow/contracts';
import { serviceStatusSchema } from '../kinds/service-schema.js';

const text = (description: string): Schema => ({ type: 'string', description });
const count = (description: string): Schema => ({ type: 'integer', format: 'int64', minimum: 0, description });
const list = (description: string, items: Schema): Schema => ({ type: 'array', description, items });

export const linkSpecSchema: Schema = {
  type: 'object',
  description: 'Which way it is, and how it is to be gone.',
  properties: {
    from: text('Cluster with services.'),
    to: text('Cluster with pods of theirs.'),
    plane: {
      type: 'string',
      enum: [...PLANE_CHOICES],
      description:
        'How services of `from` whose own plane is auto reach pods of `to`. auto: by what was found out, in status.evidence.',
    },
  },
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
        kind: text('ServiceImport of one by which the cluster imports; absent: Service.'),
        plane: text('flat, gateway or undecided.'),
        planeBecause: text('Who or what decided that.'),
        state: text('UP, DOWN, OVERLAP or UNKNOWN.'),
        message: text('The evidence.'),
        since: text('Since when.'),
        ready: count('Ready endpoints.'),
        total: count('Endpoints in all.'),
      },
    }),
    rttMs: { type: 'number', minimum: 0, description: 'Milliseconds there and back between the gateways.' },
    sessions: { type: 'integer', minimum: 0, description: 'HTTP/2 sessions between the gateways now.' },
    lanes: { type: 'integer', minimum: 0, description: 'TLS connections for one connection each, in use or ready.' },
    evidence: list('What was looked at to know how pods are reached.', {
      type: 'object',
      properties: {
        check: text(
          'networks (of the pods of both clusters), addresses (that pods say they have), pods (whether they are reached at those, with packets of full size), back (the same the other way), nodes or nodesBack (the same from nodes).',
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
