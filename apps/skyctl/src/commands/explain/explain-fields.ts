/** `skyctl explain job.spec.template`: what the fields of a kind mean, as the server's OpenAPI v3 documents say. */
import { CliError } from '../../cli/cli-error.js';
import type { Flags } from '../../cli/flags.js';
import { EXIT } from '../../cli/exit-codes.js';
import { closest } from '../../cli/suggestion.js';
import { resolveKind, servedKinds } from '../../gateway/discovery.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { apiVersionOf, KNOWN_KINDS, means, type ResourceKind } from '../../gateway/kinds.js';
import { toYaml } from '../../output/documents.js';
import type { Session } from '../../session.js';
import { type Field, fieldsOf, renderField, type Schemas } from './field-docs.js';

/** Prints it. @throws CliError for a kind or field that there is not */
export async function explainFields(session: Session, word: string, flags: Flags): Promise<void> {
  const gateway = await session.gateway();
  const { kind, path } = await splitWord(word, flags.text('api-version'), gateway);
  const schemas = await schemasOf(kind, gateway);
  const field = fieldAt(kind, path, schemas);
  const output = flags.text('output');
  if (output === 'yaml') session.terminal.write(await toYaml(field.schema));
  else if (output === 'json') session.terminal.line(JSON.stringify(field.schema, null, 4));
  else session.terminal.line(renderField(kind, path, field, schemas, flags.on('recursive')));
}

/** `jobs.batch.spec` is a field of `jobs.batch`: as much of the word as names a kind is the kind. */
async function splitWord(
  word: string,
  apiVersion: string | undefined,
  gateway: GatewayClient,
): Promise<{ kind: ResourceKind; path: readonly string[] }> {
  const parts = word.split('.').filter((part) => part !== '');
  const among = (kinds: readonly ResourceKind[]): { kind: ResourceKind; path: readonly string[] } | undefined => {
    const candidates = kinds.filter((kind) => apiVersion === undefined || apiVersionOf(kind) === apiVersion);
    for (let length = parts.length; length > 0; length -= 1) {
      const name = parts.slice(0, length).join('.');
      const kind = candidates.find((each) => means(name, each));
      if (kind !== undefined) return { kind, path: parts.slice(length) };
    }
    return undefined;
  };
  const found = among(KNOWN_KINDS) ?? among(await servedKinds(gateway));
  if (found !== undefined) return found;
  const [first = ''] = parts;
  const elsewhere = await resolveKind(first, gateway);
  throw new CliError({
    code: EXIT.notFound,
    summary: `there is no kind "${first}" in ${apiVersion ?? ''}`,
    hint: `it is in ${apiVersionOf(elsewhere)}`,
  });
}

async function schemasOf(kind: ResourceKind, gateway: GatewayClient): Promise<Schemas> {
  const path = `/openapi/v3/${kind.group === '' ? 'api' : 'apis'}/${apiVersionOf(kind)}`;
  const { body } = await gateway.json<{ components?: { schemas?: Schemas } }>({ path });
  return body.components?.schemas ?? {};
}

function fieldAt(kind: ResourceKind, path: readonly string[], schemas: Schemas): Field {
  const schema = Object.values(schemas).find((each) =>
    each['x-kubernetes-group-version-kind']?.some(
      (is) => is.kind === kind.kind && is.group === kind.group && is.version === kind.version,
    ),
  );
  if (schema === undefined) {
    const summary = `the server says nothing of the fields of ${kind.kind} (${apiVersionOf(kind)})`;
    throw new CliError({ code: EXIT.notFound, summary });
  }
  let field: Field = { schema, type: 'Object', isRequired: false };
  for (const [depth, name] of path.entries()) {
    const fields = fieldsOf(field.schema, schemas);
    const next = fields.get(name);
    if (next === undefined) throw noField([kind.singular, ...path.slice(0, depth)].join('.'), name, [...fields.keys()]);
    field = next;
  }
  return field;
}

function noField(where: string, name: string, names: readonly string[]): CliError {
  const near = closest(name, names);
  return new CliError({
    code: EXIT.notFound,
    summary: `${where} has no field "${name}"`,
    hint:
      names.length === 0
        ? `${where} has no fields of its own`
        : `${near === undefined ? '' : `did you mean ${near}? `}There are: ${names.join(', ')}`,
  });
}
