/**
 * The client of Compute Engine by Google's own SDK. Credentials are found as every tool of Google finds them (GOOGLE_APPLICATION_CREDENTIALS,
 * gcloud's, the machine's service account). The SDK is loaded when it is first needed: whoever rents nothing does not wait for it.
 *
 * Every call may be repeated: what makes or ends something has a request id, by which Compute Engine knows it again.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { compute_v1 } from '@googleapis/compute/build/v1.js';
import { ProvisionError } from '../../provision-error.js';
import { OperationError, isPassing } from './gcp-errors.js';

export type Compute = compute_v1.Compute;
export type Operation = compute_v1.Schema$Operation;

const TRIES = 4;
const FIRST_PAUSE_MS = 250;
const SCOPE = 'https://www.googleapis.com/auth/compute';
const OPERATION_WITHIN_MS = 300_000;
const FIRST_LOOK_MS = 100;
const LOOK_EVERY_MS = 2_000;

export interface GcpClientOptions {
  /** Absent: that of the credentials. */
  project: string | undefined;
  /** Absent: Google's own. */
  endpoint: string | undefined;
  /** A try without an answer for so long has none. */
  answerMs: number;
}

/** What each call is made with. */
export interface Call {
  compute: Compute;
  project: string;
  /** Of the SDK: its second argument. */
  with: { signal: AbortSignal; retry: false };
}

export class GcpClient {
  private known: Promise<Pick<Call, 'compute' | 'project'>> | undefined;

  constructor(private readonly options: GcpClientOptions) {}

  /** Tried again while the answer is lost, late, or says to come later. @throws what the SDK throws */
  async call<T>(signal: AbortSignal, act: (call: Call) => Promise<{ data: T }>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        const found = await this.find();
        const within = AbortSignal.any([signal, AbortSignal.timeout(this.options.answerMs)]);
        return (await act({ ...found, with: { signal: within, retry: false } })).data;
      } catch (error) {
        signal.throwIfAborted();
        if (tries >= TRIES || !isPassing(error)) throw error;
      }
      await pause(FIRST_PAUSE_MS * 2 ** (tries - 1) * (0.5 + Math.random() / 2), undefined, { signal });
    }
  }

  /** Resolves when what was begun is done. @throws OperationError when it was refused after all; another error: nobody knows. */
  async finish(begun: Operation, signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + OPERATION_WITHIN_MS;
    let operation = begun;
    for (let wait = FIRST_LOOK_MS; operation.status !== 'DONE'; wait = Math.min(LOOK_EVERY_MS, wait * 2)) {
      if (performance.now() > deadline) throw new Error(`operation ${operation.name ?? ''} does not end`);
      await pause(wait, undefined, { signal });
      operation = await this.look(operation, signal);
    }
    const [refused] = operation.error?.errors ?? [];
    if (refused !== undefined) throw new OperationError(refused.code ?? 'UNKNOWN', refused.message ?? '');
  }

  private look({ name, zone }: Operation, signal: AbortSignal): Promise<Operation> {
    const operation = name ?? '';
    return this.call(signal, ({ compute, project, with: options }) =>
      zone === undefined || zone === null
        ? compute.globalOperations.get({ project, operation }, options)
        : compute.zoneOperations.get({ project, zone: lastPart(zone), operation }, options),
    );
  }

  /** What cannot be found now may be found later. */
  private find(): Promise<Pick<Call, 'compute' | 'project'>> {
    this.known ??= this.make().catch((error: unknown) => {
      this.known = undefined;
      throw error;
    });
    return this.known;
  }

  private async make(): Promise<Pick<Call, 'compute' | 'project'>> {
    const [{ compute_v1: v1 }, { GoogleAuth }] = await Promise.all([
      import('@googleapis/compute/build/v1.js'),
      import('googleapis-common'),
    ]);
    const { endpoint, project } = this.options;
    const auth = new GoogleAuth({ scopes: SCOPE, ...(project === undefined ? {} : { projectId: project }) });
    try {
      await auth.getClient();
    } catch (error) {
      const message = `no credentials of Google Cloud: ${(error as Error).message}`;
      throw new ProvisionError('auth', message, CREDENTIALS_ADVICE, { cause: error });
    }
    const compute = new v1.Compute({ auth, ...(endpoint === undefined ? {} : { rootUrl: endpoint }) });
    return { compute, project: project ?? (await projectOf(auth)) };
  }
}

async function projectOf(auth: { getProjectId(): Promise<string> }): Promise<string> {
  try {
    return await auth.getProjectId();
  } catch (error) {
    const message = `the credentials of Google Cloud name no project: ${(error as Error).message}`;
    throw new ProvisionError('config', message, 'name it in SKYFLOW_GCP_PROJECT', { cause: error });
  }
}

const CREDENTIALS_ADVICE =
  'give the provisioner credentials that may do this: GOOGLE_APPLICATION_CREDENTIALS with the file of a service account';

/** Resources are told by their addresses: `…/zones/europe-west1-b` is europe-west1-b. */
export const lastPart = (url: string): string => url.slice(url.lastIndexOf('/') + 1);
