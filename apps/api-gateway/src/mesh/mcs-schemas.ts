/** Schemas of the Multi-Cluster Services API (KEP-1645), with what SkyFlow adds. */
import type { Schema } from '@skyflow/contracts';
import { serviceClusterSchema } from '../kinds/service-schema.js';

const text = (description: string): Schema => ({ type: 'string', description });
const count = (description: string): Schema => ({ type: 'integer', format: 'int32', minimum: 0, description });
const list = (description: string, items: Schema): Schema => ({ type: 'array', description, items });
const texts = (description: string): Schema => ({
  type: 'object',
  description,
  additionalProperties: { type: 'string' },
});

export const serviceExportSpecSchema: Schema = {
  type: 'object',
  description: 'What is exported with the Service of the same name.',
  properties: {
    exportedLabels: texts('Labels of the ServiceImport.'),
    exportedAnnotations: texts('Annotations of the ServiceImport.'),
    clusters: list(
      "SkyFlow's: clusters that export their Service of this name; absent: every one that has it.",
      text('Name of a cluster.'),
    ),
  },
};

export const serviceExportStatusSchema = (conditions: Schema): Schema => ({
  type: 'object',
  description: 'What came of it, by the mesh controller.',
  properties: {
    conditions,
    clusters: list("SkyFlow's: what each cluster has of it.", {
      type: 'object',
      properties: {
        cluster: text('Name of the cluster.'),
        valid: { type: 'boolean', description: 'Whether it can be exported from there.' },
        reason: text('Why, in one word.'),
        message: text('Why, for people.'),
      },
    }),
  },
});

export const serviceImportSpecSchema: Schema = {
  type: 'object',
  description: 'The service that all clusters have under this name.',
  properties: {
    type: text('ClusterSetIP or Headless.'),
    ips: list('Its addresses; at the gateway none, as each cluster has another one.', text('An address.')),
    ports: list('All ports that clusters export.', {
      type: 'object',
      properties: {
        name: text('Needed when there are several.'),
        protocol: text('TCP, UDP or SCTP.'),
        port: count('Port that clients use.'),
        appProtocol: text('Protocol of the application, as core/v1 has it.'),
      },
    }),
    sessionAffinity: text('None or ClientIP.'),
    sessionAffinityConfig: {
      type: 'object',
      properties: { clientIP: { type: 'object', properties: { timeoutSeconds: count('1 to 86400.') } } },
    },
    ipFamilies: list('Address families of the oldest export.', text('IPv4 or IPv6.')),
    internalTrafficPolicy: text('Cluster or Local.'),
    trafficDistribution: text('What the oldest export prefers.'),
  },
};

export const serviceImportStatusSchema = (conditions: Schema): Schema => ({
  type: 'object',
  description: 'Who exports it, and how clusters import it.',
  properties: {
    conditions,
    clusters: list('Clusters that export it, the oldest export first.', {
      type: 'object',
      properties: { cluster: text('Name of the cluster.') },
    }),
    imported: list("SkyFlow's: the Service by which each cluster imports it.", {
      type: 'object',
      properties: {
        cluster: text('Name of the cluster.'),
        service: text('Name of the Service there.'),
        ips: list('Its addresses there.', text('An address.')),
        ready: count('Endpoints that connections reach from there.'),
        total: count('Endpoints in all.'),
        sources: list('How it reaches pods of the others; absent with more than 20 clusters.', serviceClusterSchema),
      },
    }),
  },
});
