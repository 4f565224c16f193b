/**
 * The Multi-Cluster Services API (KEP-1645, kubernetes-sigs/mcs-api, v1beta1): a Service that clusters export is imported by all of them
 * under one name. Field names are upstream's; what SkyFlow adds is said so.
 */
import type { Condition } from './kinds.js';
import type { ServiceClusterStatus } from './ways.js';

export const MCS_GROUP = 'multicluster.x-k8s.io';
export const MCS_VERSION = 'v1beta1';
export const MCS_API_VERSION = `${MCS_GROUP}/${MCS_VERSION}`;

export interface ServiceExportSpec {
  exportedLabels?: Record<string, string>;
  exportedAnnotations?: Record<string, string>;
  /** SkyFlow's, at the gateway only: clusters that export their Service of this name; absent: every one that has it. */
  clusters?: string[];
}

/** Reasons of the condition `Conflict`, in the order in which several are said. */
export const CONFLICT_REASONS = [
  'TypeConflict',
  'PortConflict',
  'SessionAffinityConflict',
  'SessionAffinityConfigConflict',
  'InternalTrafficPolicyConflict',
  'TrafficDistributionConflict',
  'IPFamilyConflict',
  'LabelsConflict',
  'AnnotationsConflict',
] as const;
export type ConflictReason = (typeof CONFLICT_REASONS)[number];

export interface ServiceExportStatus {
  conditions: Condition[];
  /** SkyFlow's: what each cluster has of it. */
  clusters: { cluster: string; valid: boolean; reason: string; message: string }[];
}

export interface ServiceImportPort {
  name?: string;
  protocol?: 'TCP' | 'UDP' | 'SCTP';
  port: number;
  appProtocol?: string;
}

export type ServiceImportType = 'ClusterSetIP' | 'Headless';

export interface ServiceImportSpec {
  type: ServiceImportType;
  ports: ServiceImportPort[];
  /** On a member cluster its own address of the service; at the gateway none, as each cluster has another one. */
  ips?: string[];
  sessionAffinity?: 'None' | 'ClientIP';
  sessionAffinityConfig?: { clientIP?: { timeoutSeconds?: number } };
  ipFamilies?: string[];
  internalTrafficPolicy?: string;
  trafficDistribution?: string;
}

export interface ServiceImportStatus {
  /** Those that export it, the oldest export first. */
  clusters: { cluster: string }[];
  conditions: Condition[];
  /** SkyFlow's, at the gateway: the Service by which each cluster imports it. */
  imported?: ImportedService[];
}

/** The Service by which one cluster imports. */
export interface ImportedService {
  cluster: string;
  service: string;
  ips: string[];
  ready: number;
  total: number;
  /** How it reaches the pods of the others that export it. */
  sources?: ServiceClusterStatus[];
}

/** `<name>.<namespace>.svc.clusterset.local`, under which a DNS server that knows the API has it. */
export const clustersetName = (namespace: string, name: string): string => `${name}.${namespace}.svc.clusterset.local`;
