/** skyctl as a process: servers that are not there, do not answer, or do not want it; and its configuration file. */
import { writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { useBed } from './testing/bed.js';
import { TOKEN } from './testing/stand-in-gateway.js';

const bed = useBed();
const { run } = bed;

describe('without a server it can use', () => {
  it('says where it looked and what to do when nothing is configured', async () => {
    const { code, stderr } = await bed.skyctl.run(['get', 'jobs'], { env: { SKYFLOW_SERVER: '', SKYFLOW_TOKEN: '' } });
    expect(code).toBe(2);
    expect(stderr).toMatch(/no SkyFlow server is configured[^]*npm run up[^]*--server/);
  });

  it('makes manifests all the same', async () => {
    const env = { SKYFLOW_SERVER: '', SKYFLOW_TOKEN: '' };
    const args = ['create', 'job', 'hello', '--run', 'date', '--dry-run', 'client', '-o', 'yaml'];
    const { code, stdout, stderr } = await bed.skyctl.run(args, { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ {2}namespace: default$/m);
  });

  it('says where it tried when nothing listens there', async () => {
    const { code, stderr } = await run('get', 'jobs', '--server', 'http://127.0.0.1:1');
    expect(code).toBe(6);
    expect(stderr).toMatch(
      /cannot reach the SkyFlow server at http:\/\/127\.0\.0\.1:1: connection refused[^]*--server/,
    );
  });

  it('says that the token is not valid', async () => {
    const { code, stderr } = await run('get', 'jobs', '--token', 'wrong');
    expect(code).toBe(5);
    expect(stderr).toMatch(/Unauthorized[^]*token/i);
  });

  it('does not take any web server for SkyFlow', async () => {
    bed.gateway.intercept = (_request, response) => {
      response.statusCode = 404;
      response.end('<html>nothing</html>');
      return true;
    };
    const { code, stderr } = await run('get', 'jobs');
    expect(code).toBe(1);
    expect(stderr).toMatch(/answered 404 with something that is not an answer of SkyFlow/);
  });

  it('gives up on a server that does not answer', async () => {
    bed.gateway.intercept = () => true;
    const { code, stderr } = await run('get', 'jobs', '--request-timeout', '200ms');
    expect(code).toBe(7);
    expect(stderr).toMatch(/no answer from .* within 0\.2 s/);
  });

  describe('that cannot answer just now', () => {
    const notNow = (response: ServerResponse, seconds: number): true => {
      const message = 'nobody leads the log just now; nothing was changed';
      response.writeHead(503, { 'content-type': 'application/json', 'retry-after': String(seconds) });
      response.end(
        JSON.stringify({ kind: 'Status', status: 'Failure', reason: 'ServiceUnavailable', code: 503, message }),
      );
      return true;
    };

    it('asks again when it says when', async () => {
      let refused = 0;
      bed.gateway.intercept = (_request, response) => refused++ < 1 && notNow(response, 0);
      const { code, stdout, stderr } = await run('get', 'clusters', '-o', 'name');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^cluster/m);
    });

    it('writes again under the same key, and says what it waits for', async () => {
      const keys: unknown[] = [];
      bed.gateway.intercept = ({ method, headers }, response) => {
        if (method === 'GET') return false;
        return keys.push(headers['idempotency-key']) < 4 && notNow(response, 0);
      };
      const { code, stderr } = await run(
        'create',
        'job',
        'patient',
        '--replicas',
        '1',
        '--cpus',
        '0.1',
        '--run',
        'date',
      );
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: expect.stringMatching(/^warning: .* cannot answer just now; trying again$/m),
      });
      expect(keys).toHaveLength(4);
      expect(new Set(keys)).toEqual(new Set([expect.stringMatching(/^[-0-9a-f]{36}$/)]));
    });

    it('says so at once when that will last', async () => {
      bed.gateway.intercept = (_request, response) => notNow(response, 300);
      const { code, stderr } = await run('get', 'jobs');
      expect(code).toBe(6);
      expect(stderr).toMatch(/nobody leads the log just now[^]*try again in a moment/);
      expect(bed.gateway.requests).toHaveLength(1);
    });
  });

  it('reads contexts from its configuration file and changes them', async () => {
    const config = (current: string) =>
      `currentContext: ${current}\ncontexts:\n  - name: here\n    server: ${bed.gateway.url}\n    token: ${TOKEN}\n  - name: there\n    server: http://127.0.0.1:1\n`;
    writeFileSync(join(bed.skyctl.home, 'config.yaml'), config('there'), { mode: 0o600 });
    const env = { SKYFLOW_SERVER: '', SKYFLOW_TOKEN: '' };
    expect((await bed.skyctl.run(['get', 'jobs'], { env })).code).toBe(6);
    expect((await bed.skyctl.run(['get', 'jobs', '--context', 'here', '-o', 'name'], { env })).stdout).toMatch(/hello/);
    expect((await bed.skyctl.run(['config', 'use-context', 'here'], { env })).code).toBe(0);
    expect((await bed.skyctl.run(['get', 'jobs'], { env })).code).toBe(0);
    const view = await bed.skyctl.run(['config', 'view'], { env });
    expect(view.stdout).toMatch(/currentContext: here[^]*REDACTED/);
    expect(view.stdout).not.toContain(TOKEN);
    expect((await bed.skyctl.run(['config', 'use-context', 'nowhere'], { env })).code).toBe(2);
  });
});
