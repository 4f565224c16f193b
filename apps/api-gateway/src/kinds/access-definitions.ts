/** The kinds of access as served resources. Tokens are made by the routes of /auth only: their secret is told once. */
import type { ResourceDefinition, SchemaSet } from '@skyflow/apimachinery';
import type { Face } from '../store/face.js';
import { accountFace } from '../store/face.js';
import { bindingColumns, roleColumns, tokenColumns, userColumns } from './access-columns.js';
import { bindingStrategy, roleStrategy, userStrategy } from './access-rules.js';
import { SCHEMA_NAMES } from './skyflow-schemas.js';

/** @param all every definition that is served, these among them. */
export function accessDefinitions(schemas: SchemaSet, all: () => readonly ResourceDefinition[]): ResourceDefinition[] {
  const kind = (
    name: 'User' | 'Token' | 'Role' | 'RoleBinding',
    more: Partial<ResourceDefinition>,
  ): ResourceDefinition => {
    const schema = schemas.get(SCHEMA_NAMES[name]);
    if (schema === undefined) throw new Error(`no schema ${SCHEMA_NAMES[name]}`);
    return {
      group: 'skyflow.io',
      version: 'v1',
      nameRule: 'path-segment',
      schema,
      schemaName: SCHEMA_NAMES[name],
      kind: name,
      plural: `${name.toLowerCase()}s`,
      singular: name.toLowerCase(),
      namespaced: false,
      tracksGeneration: false,
      ...more,
    };
  };
  return [
    kind('User', { columns: userColumns, strategy: userStrategy }),
    kind('Token', {
      columns: tokenColumns,
      verbs: ['get', 'list', 'watch', 'delete', 'deletecollection'],
      selectableFields: {
        'spec.user': ({ spec }) => (spec as { user?: string } | undefined)?.user ?? '',
        'spec.type': ({ spec }) => (spec as { type?: string } | undefined)?.type ?? '',
      },
    }),
    kind('Role', { columns: roleColumns, strategy: roleStrategy(all) }),
    kind('RoleBinding', { columns: bindingColumns, strategy: bindingStrategy }),
  ];
}

/** How they are stored. */
export const accessFaces: readonly (readonly [string, Face])[] = [
  ['skyflow.io/User', accountFace('User')],
  ['skyflow.io/Token', accountFace('Token')],
];
