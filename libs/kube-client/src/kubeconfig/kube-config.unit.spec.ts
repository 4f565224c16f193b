import { describe, expect, it } from '@jest/globals';
import { connectionOf } from './connection.js';
import { parseKubeConfig } from './kube-config.js';

const CONFIG = `
apiVersion: v1
kind: Config
current-context: onprem
clusters:
- name: a
  cluster: {server: "https://10.0.0.1:6443", certificate-authority-data: ${Buffer.from('CA').toString('base64')}}
- name: b
  cluster: {server: "ftp://nowhere"}
users:
- name: token
  user: {token: s3cret}
- name: basic
  user: {username: u, password: p}
- name: exec
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: ${process.execPath}
      args: ["-e", "console.log(JSON.stringify({status:{token:'from-plugin'}}))"]
contexts:
- name: onprem
  context: {cluster: a, user: token, namespace: team}
- name: basic
  context: {cluster: a, user: basic}
- name: exec
  context: {cluster: a, user: exec}
- name: dangling
  context: {cluster: gone, user: token}
- name: bad-server
  context: {cluster: b, user: token}
`;

describe('a kubeconfig', () => {
  it('gives the current context when none is named', async () => {
    const context = (await parseKubeConfig(CONFIG, '/k')).context();
    expect(context).toMatchObject({ name: 'onprem', namespace: 'team' });
    const connection = await connectionOf(context);
    expect(connection).toMatchObject({ ca: 'CA', skipTlsVerify: false });
    expect(connection.server.href).toBe('https://10.0.0.1:6443/');
    expect(await connection.credentials.authorize()).toEqual({ authorization: 'Bearer s3cret' });
  });

  it.each([
    ['basic', `Basic ${Buffer.from('u:p').toString('base64')}`],
    ['exec', 'Bearer from-plugin'],
  ])('authorizes by %s', async (name, authorization) => {
    const connection = await connectionOf((await parseKubeConfig(CONFIG, '/k')).context(name));
    expect(await connection.credentials.authorize()).toEqual({ authorization });
  });

  it('asks a plugin again after its answer was refused, and tells it what it is asked for', async () => {
    const counting = CONFIG.replace(
      "console.log(JSON.stringify({status:{token:'from-plugin'}}))",
      "console.log(JSON.stringify({status:{token:JSON.parse(process.env.KUBERNETES_EXEC_INFO).apiVersion+'/'+process.pid}}))",
    );
    const { credentials } = await connectionOf((await parseKubeConfig(counting, '/k')).context('exec'));
    const first = (await credentials.authorize()).authorization;
    expect(first).toMatch(/^Bearer client.authentication.k8s.io\/v1\/\d+$/);
    expect((await credentials.authorize()).authorization).toBe(first);
    credentials.refuse?.();
    expect((await credentials.authorize()).authorization).not.toBe(first);
  });

  it('says what a plugin that fails said', async () => {
    const failing = CONFIG.replace(/"-e", "[^\n]*"\]/, '"-e", "console.error(\'not logged in\'); process.exit(1)"]');
    const { credentials } = await connectionOf((await parseKubeConfig(failing, '/k')).context('exec'));
    await expect(credentials.authorize()).rejects.toThrow('context "exec" failed: not logged in');
  });

  it.each([
    ['', 'is empty'],
    ['a: [', 'is not YAML'],
    ['contexts: 5', 'is not a kubeconfig'],
  ])('that reads %p says what is wrong', async (text, message) => {
    await expect(parseKubeConfig(text, '/home/me/.kube/config')).rejects.toThrow(
      expect.objectContaining({ message: expect.stringMatching(new RegExp(`/home/me/.kube/config.*${message}`, 's')) }),
    );
  });

  it.each([
    ['missing', 'no context "missing" (it has onprem, basic'],
    ['dangling', 'names cluster "gone"'],
  ])('refuses context %s with the reason', async (name, message) => {
    const config = await parseKubeConfig(CONFIG, '/k');
    expect(() => config.context(name)).toThrow(message);
  });

  it('refuses a server that is no URL of an API', async () => {
    const context = (await parseKubeConfig(CONFIG, '/k')).context('bad-server');
    await expect(connectionOf(context)).rejects.toThrow('server "ftp://nowhere" is not an http(s) URL');
  });

  it('of which a part is broken can be used for its other contexts, and says which part it is', async () => {
    const half = await parseKubeConfig(
      JSON.stringify({
        clusters: [
          { name: 'good', cluster: { server: 'https://10.0.0.1' } },
          { name: 'odd', cluster: { server: 5 } },
        ],
        users: [
          { name: 'good', user: { token: 't' } },
          { name: 'odd', user: { exec: { args: [] } } },
        ],
        contexts: [
          { name: 'arn:aws:eks:eu-west-1:1:cluster/x', context: { cluster: 'good', user: 'good' } },
          { name: 'odd cluster', context: { cluster: 'odd', user: 'good' } },
          { name: 'odd@user', context: { cluster: 'good', user: 'odd' } },
          { name: 'none', context: null },
        ],
      }),
      '/k',
    );
    expect(half.contextNames).toHaveLength(4);
    expect(half.context('arn:aws:eks:eu-west-1:1:cluster/x').user).toEqual({ token: 't' });
    expect(() => half.context('odd cluster')).toThrow(/kubeconfig \/k: cluster "odd" is not as it must be: .*server/s);
    expect(() => half.context('odd@user')).toThrow(/user "odd" is not as it must be: .*exec.command/s);
    expect(() => half.context('none')).toThrow('context "none" is not as it must be');
  });
});
