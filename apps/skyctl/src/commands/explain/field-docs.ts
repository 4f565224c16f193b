/** What OpenAPI v3 schemas say of a field, laid out as `kubectl explain` does. Pure: schemas in, text out. */

/** As much of an OpenAPI v3 schema as is shown. */
export interface FieldSchema {
  type?: string;
  format?: string;
  description?: string;
  enum?: readonly unknown[];
  required?: readonly string[];
  properties?: Readonly<Record<string, FieldSchema>>;
  additionalProperties?: FieldSchema | boolean;
  items?: FieldSchema;
  allOf?: readonly FieldSchema[];
  $ref?: string;
  'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[];
}

export type Schemas = Readonly<Record<string, FieldSchema>>;

/** A field with what is known of it: its own description, or that of its type. */
export interface Field {
  schema: FieldSchema;
  type: string;
  isRequired: boolean;
}

const WIDTH = 78;

/** The fields of the object that a schema is, or that the elements of a list or map are. */
export function fieldsOf(schema: FieldSchema, schemas: Schemas): ReadonlyMap<string, Field> {
  const { properties = {}, required = [] } = elementOf(schema, schemas);
  const fields = Object.entries(properties).map(([name, each]): [string, Field] => [
    name,
    { schema: resolved(each, schemas), type: typeOf(each, schemas), isRequired: required.includes(name) },
  ]);
  return new Map(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** `string`, `Object`, `[]Container`, `map[string]string`. */
export function typeOf(schema: FieldSchema, schemas: Schemas): string {
  const ref = refOf(schema);
  const { type, items, properties, additionalProperties } = resolved(schema, schemas);
  if (type === 'array') return `[]${items === undefined ? 'Object' : typeOf(items, schemas)}`;
  if (typeof additionalProperties === 'object') return `map[string]${typeOf(additionalProperties, schemas)}`;
  if (ref !== undefined) return ref.slice(ref.lastIndexOf('.') + 1);
  return properties !== undefined || type === undefined || type === 'object' ? 'Object' : type;
}

/** Title, description and fields. `path` is empty for the kind itself. */
export function renderField(
  kind: { group: string; version: string; kind: string },
  path: readonly string[],
  field: Field,
  schemas: Schemas,
  recursive: boolean,
): string {
  const { schema, type } = field;
  const lines = [
    ...(kind.group === '' ? [] : [`GROUP:      ${kind.group}`]),
    `KIND:       ${kind.kind}`,
    `VERSION:    ${kind.version}`,
    ...(path.length === 0 ? [] : ['', `FIELD: ${path.join('.')} <${type}>${suffix(field)}`]),
    ...enumLines(schema, ''),
    '',
    'DESCRIPTION:',
    ...wrapped(schema.description ?? '<empty>', '    '),
  ];
  const fields = fieldsOf(schema, schemas);
  if (fields.size === 0) return lines.join('\n');
  lines.push('', 'FIELDS:');
  if (recursive) lines.push(...outline(schema, schemas, '  ', new Set()));
  else {
    for (const [name, each] of fields) {
      lines.push(`  ${name}  <${each.type}>${suffix(each)}`, ...enumLines(each.schema, '  '));
      lines.push(...wrapped(each.schema.description ?? '<no description>', '    '), '');
    }
    lines.pop();
  }
  return lines.join('\n');
}

const suffix = ({ isRequired }: Field): string => (isRequired ? ' -required-' : '');

/** Names and types all the way down; a type inside itself (JSONSchemaProps) is not opened again. */
function outline(schema: FieldSchema, schemas: Schemas, indent: string, opened: ReadonlySet<unknown>): string[] {
  // Known by its properties: what is resolved is an object of its own each time.
  const { properties } = elementOf(schema, schemas);
  if (properties === undefined || opened.has(properties)) return [];
  const within = new Set([...opened, properties]);
  return [...fieldsOf(schema, schemas)].flatMap(([name, each]) => [
    `${indent}${name}  <${each.type}>${suffix(each)}`,
    ...outline(each.schema, schemas, `${indent}  `, within),
  ]);
}

const enumLines = ({ enum: values }: FieldSchema, indent: string): string[] =>
  values === undefined ? [] : [`${indent}ENUM: ${values.map(String).join(', ')}`];

/** `$ref`, also of the one schema that `allOf` holds beside a description. */
const refOf = ({ $ref, allOf }: FieldSchema): string | undefined =>
  ($ref ?? (allOf?.length === 1 ? allOf[0]?.$ref : undefined))?.split('/').pop();

/** Without references: what is said beside one goes before what is said at its end. */
export function resolved(schema: FieldSchema, schemas: Schemas): FieldSchema {
  const ref = refOf(schema);
  const target = ref === undefined ? undefined : schemas[ref];
  if (target === undefined) return schema;
  const { $ref: _ref, allOf: _all, ...beside } = schema;
  return { ...resolved(target, schemas), ...beside };
}

/** Of a list or map its elements, else itself. */
function elementOf(schema: FieldSchema, schemas: Schemas): FieldSchema {
  const whole = resolved(schema, schemas);
  if (whole.items !== undefined) return elementOf(whole.items, schemas);
  if (typeof whole.additionalProperties === 'object') return elementOf(whole.additionalProperties, schemas);
  return whole;
}

function wrapped(text: string, indent: string): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(/\s+/).filter((each) => each !== '')) {
      if (line !== '' && indent.length + line.length + 1 + word.length > WIDTH) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    return [...lines, line].map((each) => `${indent}${each}`.trimEnd());
  });
}
