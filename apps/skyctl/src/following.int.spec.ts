/** skyctl as a process: commands that go on while things change. */
import { describe, expect, it } from '@jest/globals';
import { eventually, jobSpec, linesOf, share, useBed } from './testing/bed.js';

const bed = useBed();
const { run } = bed;

describe('wait and watch', () => {
  it('waits for a phase, and says what it is when the time runs out', async () => {
    expect(await run('wait', 'job', 'hello', '--for', 'phase=running')).toMatchObject({
      code: 0,
      stdout: 'job.skyflow.io/hello condition met\n',
    });
    const late = await run('wait', 'job/hello', '--for', 'phase=COMPLETED', '--timeout', '200ms');
    expect(late.code).toBe(7);
    expect(late.stderr).toMatch(/waited 0\.2 s for it to be COMPLETED\n {2}job\.skyflow\.io\/hello: RUNNING/);
  });

  it('says which conditions there are to whoever waits for another one', async () => {
    await bed.gateway.put({ kind: 'Job', metadata: { name: 'conditioned' }, spec: jobSpec(1) });
    const conditions = [{ type: 'Scheduled', status: 'True' }];
    await bed.gateway.setStatus('Job', 'conditioned', { phase: 'RUNNING', conditions });
    const late = await run('wait', 'job/conditioned', '--for', 'condition=Available', '--timeout', '200ms');
    expect([late.code, late.stderr]).toEqual([
      7,
      expect.stringContaining('RUNNING; its conditions are Scheduled=True\n'),
    ]);
  });

  it('sees what happens while it waits', async () => {
    await bed.gateway.put({ kind: 'Job', metadata: { name: 'soon' }, spec: jobSpec(1) });
    const waiting = run('wait', 'job', 'soon', '--for', 'jsonpath={.status.ready}=1', '--timeout', '10s');
    await bed.gateway.setStatus('Job', 'soon', { phase: 'RUNNING', ready: 1 });
    expect((await waiting).code).toBe(0);
    const gone = run('wait', 'job', 'soon', '--for', 'delete', '--timeout', '10s');
    expect((await run('delete', 'job', 'soon')).code).toBe(0);
    expect((await gone).code).toBe(0);
  });

  it('prints the rows that change, each once', async () => {
    await bed.gateway.put({ kind: 'Job', metadata: { name: 'moving' }, spec: jobSpec(1) });
    const watching = bed.skyctl.run(['get', 'job', 'moving', '-w'], { until: /mluo-onprem/ });
    await eventually('the watch', () => bed.gateway.requests.some((request) => request.includes('watch=true')));
    const running = { phase: 'RUNNING', placed: 1, clusters: [share('mluo-cloud')] };
    await bed.gateway.setStatus('Job', 'moving', running);
    await bed.gateway.setStatus('Job', 'moving', { ...running, observedGeneration: 7 });
    await bed.gateway.setStatus('Job', 'moving', { ...running, clusters: [share('mluo-onprem')] });
    const { stdout } = await watching;
    expect(linesOf(stdout).map((line) => line.split(/ {2,}/).slice(0, 3).join(' '))).toEqual([
      'Name Cluster Replicas',
      'moving - 0/1',
      'Name Cluster Replicas',
      'moving mluo-cloud 1/1',
      'moving mluo-onprem 1/1',
    ]);
    await run('delete', 'job', 'moving');
  });

  it('goes on where it was when the connection breaks', async () => {
    await bed.gateway.put({ kind: 'Job', metadata: { name: 'lasting' }, spec: jobSpec(1) });
    const watching = bed.skyctl.run(['get', 'job', 'lasting', '-w', '-o', 'name'], { until: /lasting\n.*lasting\n/ });
    const watches = () => bed.gateway.requests.filter((request) => request.includes('watch=true')).length;
    await eventually('the watch', () => watches() === 1);
    bed.gateway.dropConnections();
    await eventually('another watch', () => watches() === 2);
    await bed.gateway.setStatus('Job', 'lasting', { phase: 'RUNNING' });
    expect(await watching).toMatchObject({ code: 130, stdout: 'job.skyflow.io/lasting\njob.skyflow.io/lasting\n' });
  });

  it('ends quietly when the reader of its output is gone', async () => {
    const { code, stderr } = await bed.skyctl.run(['get', 'jobs', '-o', 'yaml'], { closeStdout: true });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
