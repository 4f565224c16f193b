/** A Job's pod: tracking finalizer, and for an Indexed job its index as label, annotation, host name and environment. */
import type { Container, Pod } from '../model/pod.js';
import type { Job } from '../model/workloads.js';
import { INDEX_ANNOTATION } from './job-indexes.js';
import { INDEX_FAILURES, TRACKING_FINALIZER } from './job-accounting.js';
import { podFromTemplate } from './pod-from-template.js';

/** @param failures of the index before this pod; only of jobs that count them */
export function jobPod(job: Job, index: number | undefined, failures?: number): Pod {
  const identity =
    index === undefined
      ? {}
      : {
          labels: { [INDEX_ANNOTATION]: String(index) },
          annotations: {
            [INDEX_ANNOTATION]: String(index),
            ...(failures === undefined ? {} : { [INDEX_FAILURES]: String(failures) }),
          },
          prefix: `${job.metadata.name}-${index}`,
        };
  const pod = podFromTemplate(job, job.spec.template, identity);
  pod.metadata.finalizers = [...(pod.metadata.finalizers ?? []), TRACKING_FINALIZER];
  if (index !== undefined) {
    pod.spec.hostname = `${job.metadata.name}-${index}`;
    pod.spec.containers = pod.spec.containers.map(withIndex);
    if (pod.spec.initContainers !== undefined) pod.spec.initContainers = pod.spec.initContainers.map(withIndex);
  }
  return pod;
}

function withIndex(container: Container): Container {
  if (container.env?.some(({ name }) => name === 'JOB_COMPLETION_INDEX') === true) return container;
  const variable = {
    name: 'JOB_COMPLETION_INDEX',
    valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${INDEX_ANNOTATION}']` } },
  };
  return { ...container, env: [...(container.env ?? []), variable] };
}
