import { readdirSync } from 'node:fs';
import { URL } from 'node:url';

/** Scopes are the names of the projects. */
const projects = ['apps', 'libs', 'tools'].flatMap((folder) =>
  readdirSync(new URL(folder, import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name),
);

export default {
  extends: ['@commitlint/config-conventional'],
  rules: {
    'scope-enum': [2, 'always', [...projects, 'e2e', 'deploy', 'ci', 'deps']],
    'body-max-line-length': [2, 'always', 130],
  },
};
