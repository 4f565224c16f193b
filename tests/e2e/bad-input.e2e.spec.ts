/** Wrong input gets an error a person can act on, with the right code, and nothing is left half-made. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Skyflow } from './fixture/skyflow.js';

interface Status {
  kind: string;
  reason: string;
  message: string;
  code: number;
  details?: { causes?: { field: string; message: string }[] };
}

const jobs = '/apis/skyflow.io/v1/namespaces/default/jobs';

/** A job that is right, to be made wrong in one place. */
function job(change: (job: { metadata: Record<string, unknown>; spec: Record<string, unknown> }) => void): string {
  const right = {
    apiVersion: 'skyflow.io/v1',
    kind: 'Job',
    metadata: { name: 'wrong' } as Record<string, unknown>,
    spec: {
      replicas: 1,
      template: { spec: { containers: [{ name: 'main', image: 'busybox', command: ['sleep', '1'] }] } },
    } as Record<string, unknown>,
  };
  change(right);
  return JSON.stringify(right);
}
const container = (extra: object): object => ({ spec: { containers: [{ name: 'main', image: 'busybox', ...extra }] } });

describe('wrong input', () => {
  const skyflow = new Skyflow();
  let headBefore: unknown;

  const listed = async (): Promise<unknown[]> => {
    const { body } = await skyflow.api(jobs);
    return (body as { items: unknown[] }).items;
  };

  beforeAll(async () => {
    await skyflow.up();
    headBefore = await listed();
  }, 120_000);

  afterAll(async () => {
    await skyflow.remove();
  }, 60_000);

  it.each([
    [
      'a name that breaks the DNS rules',
      job((j) => (j.metadata.name = 'Not_A_Name')),
      422,
      /metadata\.name.*Not_A_Name/,
    ],
    ['an unknown field', job((j) => (j.spec.replicsa = 2)), 400, /replicsa/],
    [
      'an unknown field deep in the pod template',
      job((j) => (j.spec.template = container({ imagee: 'x' }))),
      400,
      /containers\[0\]\.imagee/,
    ],
    ['a wrong type', job((j) => (j.spec.replicas = 'two')), 422, /spec\.replicas.*two/],
    ['zero replicas', job((j) => (j.spec.replicas = 0)), 422, /spec\.replicas.*0/],
    ['negative replicas', job((j) => (j.spec.replicas = -3)), 422, /spec\.replicas.*-3/],
    [
      'a quantity that is none',
      job((j) => (j.spec.template = container({ resources: { requests: { cpu: 'lots' } } }))),
      422,
      /requests.*cpu.*lots/,
    ],
    [
      'negative resources',
      job((j) => (j.spec.template = container({ resources: { requests: { cpu: '-1' } } }))),
      422,
      /requests.*cpu.*-1/,
    ],
    [
      'requests above limits',
      job((j) => (j.spec.template = container({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }))),
      422,
      /requests.*limit/s,
    ],
    [
      'a cluster that does not exist',
      job((j) => (j.spec.placement = { clusters: ['atlantis'] })),
      422,
      new RegExp(`placement\\.clusters.*atlantis.*${skyflow.clusters.contexts[0]}`, 's'),
    ],
  ])('%s is refused by field and value', async (_what, body, code, message) => {
    const answer = await skyflow.api(jobs, { method: 'POST', body });
    expect(answer.code).toBe(code);
    const status = answer.body as Status;
    expect(status).toMatchObject({ kind: 'Status', code });
    expect(status.message).toMatch(message);
    expect(status.message).not.toMatch(/ at .*\.js/);
  });

  it('an unknown kind is a 404 that says what there is', async () => {
    const answer = await skyflow.api('/apis/skyflow.io/v1/namespaces/default/jobz', {
      method: 'POST',
      body: job(() => undefined),
    });
    expect(answer.code).toBe(404);
    const typed = await skyflow.skyctl(['get', 'jobz']);
    expect(typed.code).not.toBe(0);
    expect(typed.stderr).toMatch(/jobz.*jobs/s);
  });

  it('a namespace that does not exist is a 404 that names it', async () => {
    const answer = await skyflow.api(jobs.replace('default', 'nowhere'), {
      method: 'POST',
      body: job(() => undefined),
    });
    expect(answer).toMatchObject({ code: 404, body: { kind: 'Status', message: expect.stringMatching(/nowhere/) } });
  });

  it('a body of 20 MB is refused without being read', async () => {
    const answer = await skyflow.api(jobs, {
      method: 'POST',
      body: job((j) => (j.metadata.annotations = { big: 'x'.repeat(20 * 1024 * 1024) })),
    });
    expect(answer.code).toBe(413);
    expect((answer.body as Status).message).toMatch(/limit|large/i);
  });

  it('broken JSON is a 400 with its position', async () => {
    const answer = await skyflow.api(jobs, { method: 'POST', body: '{"kind": "Job", oops' });
    expect(answer.code).toBe(400);
    expect((answer.body as Status).message).toMatch(/position|line/);
  });

  it('broken YAML is named with its line', async () => {
    const typed = await skyflow.skyctl(['apply', '-f', '-'], 'kind: Job\nmetadata:\n  name: x\n bad indent: [\n');
    expect(typed.code).not.toBe(0);
    expect(typed.stderr).toMatch(/line 4/);
  });

  it('no token, and a wrong one, are 401', async () => {
    for (const authorization of ['', 'Bearer wrong']) {
      const answer = await skyflow.api(jobs, { headers: { authorization } });
      expect(answer).toMatchObject({ code: 401, body: { kind: 'Status', reason: 'Unauthorized' } });
    }
  });

  it('has left nothing behind', async () => {
    expect(await listed()).toEqual(headBefore);
  });

  it('a duplicate is a conflict that names it, and the first stays as it was', async () => {
    const create = ['create', 'job', 'twice', '--run', 'sleep 60', '--cpus', '0.1'];
    expect((await skyflow.skyctl(create)).code).toBe(0);
    const again = await skyflow.skyctl(create);
    expect(again.code).toBe(4);
    expect(again.stderr).toMatch(/"twice" already exists/);
    expect(await listed()).toHaveLength(1);
  });

  it.each([
    [['create', 'job', 'x', '--replicas', '0', '--run', 'true'], /replicas.*0/],
    [['create', 'job', 'x', '--replicas', 'many', '--run', 'true'], /replicas.*many/],
    [['create', 'job', 'Bad_Name', '--run', 'true'], /Bad_Name/],
    [['create', 'job', 'x', '--cpu', '1'], /--cpus/],
    [['get', 'job', 'nothing-here'], /nothing-here.*not found/],
    [['frobnicate'], /frobnicate/],
  ])('skyctl %j says what is wrong', async (args, message) => {
    const typed = await skyflow.skyctl(args);
    expect(typed.code).not.toBe(0);
    expect(typed.stderr).toMatch(message);
    expect(typed.stderr).not.toMatch(/ at .*\.m?js:/);
  });
});
