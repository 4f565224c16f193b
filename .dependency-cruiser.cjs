/** Layer rules on files, so that a relative or deep import cannot go round the project tags of eslint.config.mjs. */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'contracts-depend-on-nothing-of-ours',
      severity: 'error',
      from: { path: '^libs/contracts/' },
      to: { path: '^(apps|tools|libs/(?!contracts/))' },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      from: { path: '^libs/domain/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(apps|tools|libs/(?!contracts/|domain/))|^node:|node_modules/(@nestjs|@nats-io|@kubernetes)/' },
    },
    {
      name: 'domain-does-no-io',
      severity: 'error',
      from: { path: '^libs/domain/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    { name: 'libs-know-no-app', severity: 'error', from: { path: '^libs/' }, to: { path: '^(apps|tools)/' } },
    {
      name: 'apps-know-no-tool-and-no-app',
      severity: 'error',
      // How an app is built is no part of it.
      from: { path: '^apps/([^/]+)/', pathNot: '\\.spec\\.ts$|^apps/[^/]+/[^/]+\\.mjs$' },
      to: { path: '^(tools/|apps/(?!$1/))' },
    },
    {
      name: 'no-deep-imports',
      severity: 'error',
      from: { path: '^(apps|libs|tools)/([^/]+)/' },
      to: { path: '^(libs|tools)/(?!$2/)[^/]+/src/(?!index\\.ts$|testing/index\\.ts$)' },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: '(\\.d\\.ts|main[^/]*\\.tsx?|index\\.ts|\\.spec\\.ts|testing/[^/]+\\.mjs)$',
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules|dist' },
    exclude: { path: '(^|/)dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'default'],
      extensions: ['.ts', '.tsx', '.js'],
    },
  },
};
