import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HOME_ENTRIES } from '@skyflow/contracts';
import { parse } from 'yaml';
import { writeClientConfig } from './client-config.js';
import { Home } from './home.js';

describe('SKYFLOW_HOME', () => {
  let folder: string;
  let home: Home;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'skyflow-home-'));
    home = new Home(folder);
    home.prepare();
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('makes secrets once, readable by the owner only', () => {
    const token = home.read(home.token);
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    home.prepare();
    expect(home.read(home.token)).toBe(token);
    for (const file of [home.token, home.tokens, home.supervisorToken, home.keeperToken])
      expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('knows which of its contexts were registered once', () => {
    expect(home.registeredContexts()).toEqual([]);
    const registered = [`${home.kubeconfig}\nmluo-cloud`, '/home/me/.kube/config\nmluo-onprem'];
    mkdirSync(join(folder, 'agents'));
    writeFileSync(join(folder, 'agents/supervisor.json'), JSON.stringify({ v: 1, registered, clusters: [] }));
    expect(home.registeredContexts()).toEqual(['mluo-cloud']);
  });

  it('removes only what is its own', () => {
    writeFileSync(join(folder, 'thesis.doc'), 'ten years of work');
    home.remove();
    expect(existsSync(home.nats)).toBe(false);
    expect(existsSync(home.token)).toBe(false);
    expect(readFileSync(join(folder, 'thesis.doc'), 'utf8')).toBe('ten years of work');
  });

  it('has every path of its own on the list of what SkyFlow makes in it', () => {
    const entries = Object.values(home)
      .filter((path): path is string => typeof path === 'string' && path.startsWith(`${folder}/`))
      .map((path) => path.slice(folder.length + 1).split('/')[0]);
    expect(HOME_ENTRIES).toEqual(expect.arrayContaining(entries));
  });

  it('goes away whole when nothing else is in it', () => {
    home.remove();
    expect(existsSync(folder)).toBe(false);
  });

  it('keeps the contexts of the user in config.yaml and sets its own', () => {
    const mine = { name: 'work', server: 'https://skyflow.example.com', token: 't' };
    writeFileSync(home.config, JSON.stringify({ currentContext: 'work', contexts: [mine] }));
    writeClientConfig(home, { http: 50051, https: 50443 }, 'secret');
    expect(parse(readFileSync(home.config, 'utf8'))).toEqual({
      currentContext: 'work',
      contexts: [
        {
          name: 'local',
          server: 'http://127.0.0.1:50051',
          token: 'secret',
          namespace: 'default',
          certificateAuthority: home.authority,
          kubernetesServer: 'https://127.0.0.1:50443',
        },
        mine,
      ],
    });
  });

  it('does not overwrite a config.yaml that it cannot read', () => {
    writeFileSync(home.config, 'contexts: [');
    expect(() => writeClientConfig(home, { http: 50051, https: 50443 }, 'secret')).toThrow(/cannot be read as YAML/);
    expect(readFileSync(home.config, 'utf8')).toBe('contexts: [');
  });
});
