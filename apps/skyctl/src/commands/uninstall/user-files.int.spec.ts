import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findCompletions, removeCompletion } from './completions.js';
import { addedContexts, removeContexts } from './kubeconfig-contexts.js';
import { lookAtWorkstation } from './workstation.js';

describe("an uninstall in the user's own files", () => {
  let home: string;
  let env: NodeJS.ProcessEnv;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'skyctl-user-'));
    mkdirSync(join(home, '.kube'));
    env = { HOME: home };
  });

  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const MINE = `# mine
apiVersion: v1
kind: Config
contexts:
  - name: prod # do not touch
    context: { cluster: prod, user: me }
clusters:
  - name: prod
    cluster: { server: https://192.0.2.1 }
users:
  - name: me
    user: { token: t }
`;
  const OURS = {
    contexts: `  - name: skyflow
    context: { cluster: skyflow, user: skyflow }
`,
    clusters: `  - name: skyflow
    cluster: { server: https://192.0.2.2 }
`,
    users: `  - name: skyflow
    user:
      exec: { command: skyctl, args: [auth, credential, --context, local] }
`,
  };
  const both = (): string =>
    MINE.replace('clusters:\n', `${OURS.contexts}clusters:\n`)
      .replace('users:\n', `${OURS.clusters}users:\n`)
      .concat(OURS.users, 'current-context: skyflow\n');

  it('takes contexts that it added out of a kubeconfig, and no comment of the user', async () => {
    const file = join(home, '.kube/config');
    writeFileSync(file, both(), { mode: 0o600 });
    const [added] = addedContexts(env);
    expect(added).toEqual({ file, names: ['skyflow'] });
    await removeContexts(added!);
    expect(readFileSync(file, 'utf8')).toBe(MINE);
    expect(addedContexts(env)).toEqual([]);
  });

  it('keeps a cluster that a context of the user has too, and removes a file that has nothing else', async () => {
    const file = join(home, '.kube/config');
    const alone = `contexts:\n${OURS.contexts}clusters:\n${OURS.clusters}users:\n${OURS.users}`;
    writeFileSync(file, alone.replace('clusters:\n', `  - name: too\n    context: { cluster: skyflow }\nclusters:\n`));
    await removeContexts(addedContexts(env)[0]!);
    expect(readFileSync(file, 'utf8')).toBe(
      `contexts:\n  - name: too\n    context: { cluster: skyflow }\nclusters:\n${OURS.clusters}users: []\n`,
    );
    writeFileSync(file, alone);
    await removeContexts(addedContexts(env)[0]!);
    expect(existsSync(file)).toBe(false);
  });

  it('removes the backup of a merge, which is beside the file that a link leads to', async () => {
    const [file, real] = [join(home, '.kube/config'), join(home, 'real')];
    writeFileSync(real, both());
    writeFileSync(`${real}.skyflow.bak`, MINE);
    symlinkSync(real, file);
    await removeContexts(addedContexts(env)[0]!);
    expect([readFileSync(file, 'utf8'), existsSync(`${real}.skyflow.bak`)]).toEqual([MINE, false]);
  });

  it('takes the line of the completion out of a start file, and leaves every other byte', () => {
    const file = join(home, '.zshrc');
    writeFileSync(file, 'a\r\n  source <(skyctl completion zsh)\n# source <(skyctl completion zsh)\nb');
    const [completion] = findCompletions(env);
    expect(completion).toEqual({ file, lines: ['  source <(skyctl completion zsh)'] });
    removeCompletion(completion!);
    expect(readFileSync(file, 'utf8')).toBe('a\r\n# source <(skyctl completion zsh)\nb');
  });

  it('takes of a cache folder that others name only what it put there', () => {
    const cache = join(home, 'shared');
    for (const name of ['nats-server-2.14.5', 'kubectl-v36-2.0.1', 'photos'])
      mkdirSync(join(cache, name), { recursive: true });
    expect(lookAtWorkstation({ ...env, SKYFLOW_CACHE: cache, SKYFLOW_HOME: join(home, 'none') }).caches).toEqual([
      join(cache, 'kubectl-v36-2.0.1'),
      join(cache, 'nats-server-2.14.5'),
    ]);
  });
});
