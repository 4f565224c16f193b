/** Native Kubernetes objects, typed as far as the domain reads them. */

export interface NativeMetadata {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  finalizers?: string[];
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export interface NativeObject {
  apiVersion?: string;
  kind?: string;
  metadata: NativeMetadata;
  [field: string]: unknown;
}

export interface NativeCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

interface ContainerState {
  waiting?: { reason?: string; message?: string };
  running?: object;
  terminated?: { reason?: string; message?: string; exitCode?: number; signal?: number };
}

export interface ContainerStatus {
  name: string;
  ready?: boolean;
  restartCount?: number;
  state?: ContainerState;
  lastState?: ContainerState;
}

/** The part of a core/v1 Pod that its status is judged by. */
export interface NativePod extends NativeObject {
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    conditions?: NativeCondition[];
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
}

/** A condition that holds, or undefined. */
export const holding = (
  conditions: readonly NativeCondition[] | undefined,
  type: string,
): NativeCondition | undefined =>
  conditions?.find((condition) => condition.type === type && condition.status === 'True');
