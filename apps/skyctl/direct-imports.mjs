/**
 * Imports of our libraries' indexes become imports of the modules that have the names. What is loaded when it is needed is evaluated
 * whole with everything it imports, and an index imports all of its library: for one function of libs/domain that was zod, too.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const NAMED_EXPORTS = /^export \{([^}]*)\} from '(\.[^']+)\.js';/gm;
const NAMED_IMPORTS = /^import \{([^}]*)\} from '@skyflow\/([a-z-]+)';/gm;
const SCHEME = 'skyflow-module:';

/** @param libs folder of the libraries; none of their modules has side effects */
export const directImports = (libs) => ({
  name: 'direct-imports',
  setup({ onResolve, onLoad }) {
    const indexes = new Map();
    const modulesOf = (library) => {
      if (!indexes.has(library)) indexes.set(library, readIndex(join(libs, library, 'src/index.ts')));
      return indexes.get(library);
    };
    onResolve({ filter: new RegExp(`^${SCHEME}`) }, ({ path }) => ({
      path: path.slice(SCHEME.length),
      sideEffects: false,
    }));
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8').replaceAll(NAMED_IMPORTS, (statement, names, library) =>
        rewritten(statement, valuesIn(names), modulesOf(library)),
      ),
    }));
  },
});

/** Where each name of an index is from: the module, and its name there. */
function readIndex(file) {
  const modules = new Map();
  for (const [, names, from] of readFileSync(file, 'utf8').matchAll(NAMED_EXPORTS)) {
    const path = join(dirname(file), `${from}.ts`);
    for (const { name, alias } of valuesIn(names)) modules.set(alias, { name, path });
  }
  return modules;
}

/** What is no type: `name`, or `name as alias`. */
function valuesIn(names) {
  return names
    .replaceAll(/\/\/.*|\/\*[^]*?\*\//g, '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '' && !each.startsWith('type '))
    .map((each) => {
      const [name, alias = name] = each.split(' as ');
      return { name, alias };
    });
}

/** Unchanged where the index has a name itself. As many lines, so that lines of errors stay right. */
function rewritten(statement, names, modules) {
  if (names.some(({ name }) => !modules.has(name))) return statement;
  const imports = names.map(({ name, alias }) => {
    const from = modules.get(name);
    return `import { ${from.name} as ${alias} } from '${SCHEME}${from.path}';`;
  });
  return imports.join(' ') + '\n'.repeat(statement.split('\n').length - 1);
}
