import { describe, expect, it } from '@jest/globals';
import type { FailureClass } from '@skyflow/contracts';
import {
  RKE_FAILURES,
  failureIn,
  failureOfRun,
  isDone,
  readRkeLine,
  skippedHosts,
  stageOf,
  warningsIn,
  withoutKeys,
} from './log-lines.js';

const logged = (level: string, message: string): string =>
  `time="2026-11-28T05:44:42Z" level=${level} msg=${JSON.stringify(message)}`;

/** Lines as RKE v1.5 prints them, with what becomes of them. */
const TABLE: [string, FailureClass, string][] = [
  [
    'Failed to set up SSH tunneling for host [10.0.0.6]: Can\'t retrieve Docker Info: error during connect: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.24/info": Unable to access node',
    'host',
    'host 10.0.0.6 cannot be reached over SSH',
  ],
  [
    'Provisioning incomplete, host(s) [10.0.0.6,10.0.0.7] skipped because they could not be contacted',
    'host',
    'without 10.0.0.6,10.0.0.7',
  ],
  [
    'Cluster must have at least one etcd plane host: failed to connect to the following etcd host(s) [10.0.0.5]',
    'host',
    'no etcd host can be reached: 10.0.0.5',
  ],
  [
    'Unsupported Docker version found [27.3.1] on host [10.0.0.5], supported versions are [1.13.x 17.03.x 24.0.x]',
    'docker',
    'Docker 27.3.1 on host [10.0.0.5] is not supported',
  ],
  [
    '[network] Host [10.0.0.6] is not able to connect to the following ports: [10.0.0.5:2379, 10.0.0.5:2380]. Please check network policies and firewall rules',
    'network',
    'host 10.0.0.6 cannot connect to 10.0.0.5:2379, 10.0.0.5:2380',
  ],
  [
    '[controlPlane] Failed to bring up Control Plane: [Failed to verify healthcheck: Failed to check https://localhost:6443/healthz for service [kube-apiserver] on host [10.0.0.5]: Get "https://localhost:6443/healthz": EOF, log: I1128]',
    'healthcheck',
    'a component did not become healthy: Failed to check https://localhost:6443/healthz',
  ],
  [
    'Failed to get job complete status for job rke-network-plugin-deploy-job in namespace kube-system',
    'addon',
    'the job rke-network-plugin-deploy-job was not done in time',
  ],
  [
    '[controlPlane] Failed to upgrade Control Plane: [[host 10.0.0.5 not ready]]',
    'stuckUpgrade',
    'RKE took the way of an upgrade on a cluster that was never finished: [[host 10.0.0.5 not ready]]',
  ],
  [
    'Etcd plane nodes are replaced. Stopping provisioning. Please restore your cluster from backup.',
    'dangerous',
    'every etcd node would be replaced',
  ],
  [
    'Certificates are not present in cluster state, recover rkestate file or certificate information in cluster state',
    'stateMissing',
    'the state file of RKE had no certificates',
  ],
  [
    '[etcd] Failed to bring up Etcd Plane: etcd cluster is unhealthy: remote error: tls: bad certificate',
    'dangerous',
    'another certificate authority',
  ],
  ['[etcd] Failed to bring up Etcd Plane: Etcd Cluster is not healthy', 'healthcheck', 'etcd is not healthy'],
  ["Can't retrieve Docker Info: Cannot connect to the Docker daemon", 'docker', 'Docker does not answer'],
  [
    'Failed to validate cluster: v1.99.0-rancher1-1 is an unsupported Kubernetes version and system images are not populated: no release available for v1.99.0',
    'config',
    'does not know the Kubernetes version',
  ],
  [
    '[etcd] Failed to take snapshot on all etcd hosts: failed to take etcd snapshot exit code [1]: no space left on device',
    'healthcheck',
    'no etcd host could take the snapshot: failed to take etcd snapshot exit code [1]: no space left on device',
  ],
  ['[etcd] Failed to restore etcd snapshot: invalid certs', 'unknown', 'could not be restored: invalid certs'],
  [
    'failed to start backup server on all etcd nodes: [failed to create container: no such file]',
    'config',
    'no etcd host has the snapshot',
  ],
  [
    "Failed to rotate certificates: can't find old certificates",
    'unknown',
    "could not be issued anew: can't find old certificates",
  ],
  ['Failed to parse cluster file: error converting YAML to JSON', 'config', 'RKE refuses the configuration'],
];

describe('what RKE prints', () => {
  it.each(TABLE)('%s is known', (line, cause, words) => {
    const failure = failureOfRun([readRkeLine(logged('info', '[etcd] x')), readRkeLine(logged('fatal', line))]);
    expect(failure).toMatchObject({ class: cause, line });
    expect(failure.message).toContain(words);
    expect(failure.message).not.toContain('$');
    expect(failure.advice.length).toBeGreaterThan(10);
  });

  it('has a line for each row of the table', () => {
    for (const row of RKE_FAILURES) expect(TABLE.some(([line]) => row.match.test(line))).toBe(true);
  });

  it('is read in both forms of its logger', () => {
    expect(readRkeLine(logged('warning', 'a "b"\n c'))).toEqual({ level: 'warning', message: 'a "b"\n c' });
    expect(readRkeLine('FATA[0051] it ended')).toEqual({ level: 'fatal', message: 'it ended' });
    expect(readRkeLine('INFO[0000] [etcd] up')).toEqual({ level: 'info', message: '[etcd] up' });
    expect(readRkeLine('time="x" level=info msg=word')).toEqual({ level: 'info', message: 'word' });
    expect(readRkeLine('panic: nil')).toEqual({ level: 'info', message: 'panic: nil' });
  });

  it('tells its stages, and only those', () => {
    const stage = (message: string): string | undefined => stageOf({ level: 'info', message });
    expect(stage('[etcd] Building up etcd plane..')).toBe('etcd');
    expect(stage('[controlPlane] Now checking')).toBe('controlplane');
    expect(stage('[remove/etcd] Successfully removed container')).toBe('remove');
    expect(stage('[10.0.0.5] pulled')).toBeUndefined();
    expect(stage('Finished building')).toBeUndefined();
  });

  it('that says nothing known is given as it is', () => {
    expect(failureOfRun([readRkeLine(logged('fatal', 'the sky fell'))])).toMatchObject({
      class: 'unknown',
      message: 'rke failed: the sky fell',
      line: 'the sky fell',
    });
    expect(failureOfRun([]).message).toBe('rke ended without a word');
    expect(failureOfRun([readRkeLine('panic: nil pointer')]).line).toBe('panic: nil pointer');
  });

  it('is known by a warning where its last word says nothing', () => {
    const lines = [
      readRkeLine(logged('warning', 'Failed to set up SSH tunneling for host [10.0.0.6]: timeout')),
      readRkeLine(logged('fatal', 'cannot proceed')),
    ];
    expect(failureOfRun(lines)).toMatchObject({ class: 'host' });
    expect(failureIn({ level: 'info', message: 'all is well' })).toBeUndefined();
  });

  it('tells who was passed over, what failed and is no failure, and when it is done', () => {
    const lines = [
      readRkeLine(logged('warning', 'Failed to deploy addon execute job [rke-user-addon]: timed out')),
      readRkeLine(
        logged('fatal', 'Provisioning incomplete, host(s) [a,b] skipped because they could not be contacted'),
      ),
    ];
    expect(skippedHosts(lines)).toEqual(['a', 'b']);
    expect(warningsIn(lines)).toHaveLength(1);
    expect(isDone('up', lines)).toBe(false);
    expect(isDone('up', [readRkeLine(logged('info', 'Finished building Kubernetes cluster successfully'))])).toBe(true);
    const isEnd = (command: Parameters<typeof isDone>[0], line: string): boolean =>
      isDone(command, [readRkeLine(logged('info', line))]);
    expect(isEnd('remove', 'Cluster removed successfully')).toBe(true);
    expect(isEnd('rotateCertificates', '[worker] Successfully restarted Worker Plane..')).toBe(true);
    expect(isEnd('snapshot', '[etcd] Finished saving snapshot [s] on all etcd hosts')).toBe(false);
    expect(isEnd('snapshot', 'Finished saving/uploading snapshot [s] on all etcd hosts')).toBe(true);
    expect(isEnd('restore', 'Finished building Kubernetes cluster successfully')).toBe(false);
    expect(isEnd('restore', 'Finished restoring snapshot [s] on all etcd hosts')).toBe(true);
  });

  it('is kept without keys', () => {
    const line = 'x -----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- y';
    expect(withoutKeys(line)).toBe('x [private key] y');
  });
});
