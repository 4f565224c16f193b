/** `skyctl auth can-i`: Kubernetes' reviews of oneself. */
import { usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { resolveKind } from '../../gateway/discovery.js';
import { renderTable } from '../../output/table.js';
import type { Session } from '../../session.js';
import { VERBS } from './verbs.js';

interface Review<Status> {
  status: Status;
}
interface RuleList {
  resourceRules: { verbs: string[]; apiGroups: string[]; resources: string[]; resourceNames?: string[] }[];
}

const AUTHORIZATION = '/apis/authorization.k8s.io/v1';

export const canI: CommandHandler = async (session, { args, flags }) => {
  const gateway = await session.gateway();
  if (flags.on('all-namespaces') && flags.has('namespace')) throw usageError('-A and -n contradict each other');
  const namespace = flags.on('all-namespaces') ? '' : await session.namespace();
  const subresource = flags.text('subresource');
  if (flags.on('list')) return await listRights(session, gateway, namespace);
  const [verb, kindWord, name] = args;
  if (verb === undefined || kindWord === undefined) {
    throw usageError('say what: a verb and a kind', 'such as: skyctl auth can-i create jobs');
  }
  const attributes = kindWord.startsWith('/')
    ? { nonResourceAttributes: { verb: verb.toLowerCase(), path: kindWord } }
    : {
        resourceAttributes: await resourceAttributes(
          gateway,
          [verb.toLowerCase(), kindWord, name],
          subresource,
          namespace,
        ),
      };
  const { status } = await review<{ allowed: boolean; reason?: string }>(
    gateway,
    'SelfSubjectAccessReview',
    attributes,
  );
  if (!flags.on('quiet')) {
    if (!isVerb(verb.toLowerCase())) session.terminal.note(`note: there is no verb "${verb}"; whoever has "*" may it`);
    session.terminal.line(status.allowed ? 'yes' : 'no');
    if (status.reason !== undefined) session.terminal.note(status.reason);
  }
  return status.allowed ? EXIT.ok : EXIT.failure;
};

/** kubectl asks for the last two as well. */
const isVerb = (verb: string): boolean => [...VERBS, 'deletecollection', '*'].includes(verb);

async function resourceAttributes(
  gateway: GatewayClient,
  [verb, kindWord, name]: readonly [verb: string, kindWord: string, name: string | undefined],
  subresource: string | undefined,
  namespace: string,
): Promise<object> {
  const [word = '', named = name] = kindWord.split('/');
  const { group, plural, namespaced } = await resolveKind(word, gateway);
  return {
    verb,
    group,
    resource: plural,
    ...(namespaced ? { namespace } : {}),
    ...(subresource === undefined ? {} : { subresource }),
    ...(named === undefined ? {} : { name: named }),
  };
}

async function listRights(
  { terminal, flags }: Session,
  gateway: GatewayClient,
  namespace: string,
): Promise<typeof EXIT.ok> {
  const headers = !flags.on('no-headers');
  const { status } = await review<RuleList>(gateway, 'SelfSubjectRulesReview', { namespace });
  const rows = status.resourceRules.map(({ verbs, apiGroups, resources, resourceNames = [] }) => [
    resources.join(','),
    apiGroups.map((group) => (group === '' ? 'v1' : group)).join(','),
    resourceNames.join(',') || '*',
    verbs.join(','),
  ]);
  terminal.line(renderTable({ columns: ['Resources', 'Groups', 'Names', 'Verbs'], rows }, { headers }));
  return EXIT.ok;
}

async function review<Status>(gateway: GatewayClient, kind: string, spec: object): Promise<Review<Status>> {
  const { body } = await gateway.json<Review<Status>>({
    method: 'POST',
    path: `${AUTHORIZATION}/${kind.toLowerCase()}s`,
    body: { apiVersion: 'authorization.k8s.io/v1', kind, spec },
  });
  return body;
}
