import { describe, expect, it } from '@jest/globals';
import { KubeApiError } from '@skyflow/kube-client';
import { refusalOf } from './refusals.js';

const error = (code: number, reason: string, message: string, retryAfterSeconds?: number): KubeApiError =>
  new KubeApiError(code, {
    code,
    reason,
    message,
    details: retryAfterSeconds === undefined ? {} : { retryAfterSeconds },
  });

describe('a refusal', () => {
  it('of what is wrong in itself is final', () => {
    const message = 'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1';
    expect(refusalOf(error(422, 'Invalid', message))).toEqual({
      obstacle: { phase: 'FAILED', reason: 'Invalid', message },
    });
  });

  it('of a field that the cluster does not know is final, whatever status it comes with', () => {
    const message =
      'failed to create typed patch object (team/web; apps/v1, Kind=Deployment): .spec.new: field not declared in schema';
    expect(refusalOf(error(500, '', message))).toEqual({
      obstacle: { phase: 'FAILED', reason: 'UnknownField', message },
    });
  });

  it('by the cluster as it is now is tried again', () => {
    expect(refusalOf(error(403, 'Forbidden', 'exceeded quota: team'))).toMatchObject({
      obstacle: { phase: 'PENDING', reason: 'Forbidden' },
      retryAfterMs: 2_000,
    });
    expect(refusalOf(error(500, 'InternalError', 'failed calling webhook'))).toMatchObject({ retryAfterMs: 2_000 });
    expect(refusalOf(error(409, 'NamespaceTerminating', 'on its way out', 5))).toMatchObject({ retryAfterMs: 5_000 });
  });

  it.each([
    [400, '', 'admission webhook "policy.example" denied the request: no latest tags'],
    [422, 'Invalid', 'deployments.apps "web" is forbidden: ValidatingAdmissionPolicy \'no-latest\' denied request: no'],
  ])('with %i by a policy keeps its words and is tried again seldom', (code, reason, message) => {
    expect(refusalOf(error(code, reason, message))).toEqual({
      obstacle: { phase: 'FAILED', reason: 'AdmissionDenied', message },
      retryAfterMs: 60_000,
    });
  });

  it.each([
    [409, 'Conflict'],
    [429, 'TooManyRequests'],
  ])('is none with %i %s', (code, reason) => {
    expect(refusalOf(error(code, reason, 'later'))).toBeUndefined();
  });
});
