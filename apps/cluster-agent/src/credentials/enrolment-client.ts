/** The gateway's routes for agents: in with a join token, on with what came of it. */
import { fixedCredentials, KubeApiError, KubeClient } from '@skyflow/kube-client';
import { z } from 'zod';

const answerSchema = z.object({
  cluster: z.string(),
  uid: z.string(),
  token: z.string(),
  expiresAt: z.string(),
  renewAt: z.string(),
  nats: z.object({ url: z.string(), certificateAuthority: z.string().optional() }),
});
export type EnrolmentAnswer = z.infer<typeof answerSchema>;

/** @throws KubeApiError 403 when the join token is not good; KubeUnreachableError */
export const enrol = (api: string, joinToken: string, natsKey: string, signal: AbortSignal): Promise<EnrolmentAnswer> =>
  post(api, '/auth/enrol', {}, { joinToken, natsKey }, signal);

/** @throws KubeApiError 401 when the token is not good any more; KubeUnreachableError */
export const renew = (api: string, token: string, natsKey: string, signal: AbortSignal): Promise<EnrolmentAnswer> =>
  post(api, '/auth/enrol/renew', { authorization: `Bearer ${token}` }, { natsKey }, signal);

/** Whether the gateway still knows the token. @throws KubeUnreachableError when it cannot be asked */
export async function isGood(api: string, token: string, signal: AbortSignal): Promise<boolean> {
  const client = clientOf(api, { authorization: `Bearer ${token}` });
  try {
    await client.request('/auth/whoami', { signal });
    return true;
  } catch (error) {
    if (error instanceof KubeApiError && error.code === 401) return false;
    throw error;
  } finally {
    client.close();
  }
}

const clientOf = (api: string, headers: Record<string, string>): KubeClient =>
  new KubeClient(
    { server: new URL(api), skipTlsVerify: false, credentials: fixedCredentials(headers) },
    { userAgent: 'skyflow-cluster-agent' },
  );

async function post(
  api: string,
  path: string,
  headers: Record<string, string>,
  body: object,
  signal: AbortSignal,
): Promise<EnrolmentAnswer> {
  const client = clientOf(api, headers);
  try {
    return answerSchema.parse(await client.request(path, { method: 'POST', body, signal }));
  } finally {
    client.close();
  }
}
