/**
 * The clients of Azure by Microsoft's own SDK. Credentials are found as every tool of Azure finds them (AZURE_CLIENT_ID with its secret or
 * certificate, a workload's, a managed identity, `az login`). The SDK is loaded when it is first needed.
 *
 * Everything is made by PUT under a name that is worked out, so that every call may be repeated: what is there already stays as it is.
 */
import type { ComputeManagementClient } from '@azure/arm-compute';
import type { NetworkManagementClient } from '@azure/arm-network';
import type { ResourceManagementClient } from '@azure/arm-resources';
import { ProvisionError } from '../../provision-error.js';

/** Of the SDK itself, with a pause between them; it keeps to Retry-After. */
const RETRIES = 3;
const FIRST_PAUSE_MS = 250;
/** Of calls whose answer came too late, which the SDK does not repeat. */
const TRIES = 3;
/** Between looks at what takes its time. */
const LOOK_EVERY_MS = 1_000;

export interface AzureAccountOptions {
  /** '': none is named. */
  subscription: string;
  /** Absent: the public cloud. */
  endpoint: string | undefined;
  /** A try without an answer for so long has none. */
  answerMs: number;
}

export interface AzureClients {
  compute: ComputeManagementClient;
  network: NetworkManagementClient;
  resources: ResourceManagementClient;
  subscription: string;
}

/** Of the SDK: the last argument of its calls. */
export interface CallOptions {
  abortSignal: AbortSignal;
  requestOptions: { timeout: number };
  updateIntervalInMs: number;
}

export class AzureAccount {
  private known: Promise<AzureClients> | undefined;

  constructor(private readonly options: AzureAccountOptions) {}

  /** Tried again when the answer does not come. @throws what the SDK throws */
  async call<T>(
    abortSignal: AbortSignal,
    act: (clients: AzureClients, options: CallOptions) => Promise<T>,
  ): Promise<T> {
    const { answerMs } = this.options;
    for (let tries = 1; ; tries++) {
      try {
        const options = { abortSignal, requestOptions: { timeout: answerMs }, updateIntervalInMs: LOOK_EVERY_MS };
        return await act(await this.clients(), options);
      } catch (error) {
        abortSignal.throwIfAborted();
        if (tries >= TRIES || (error as Error).name !== 'AbortError') throw error;
      }
    }
  }

  /** All that a page-wise answer has. */
  list<T>(
    abortSignal: AbortSignal,
    act: (clients: AzureClients, options: CallOptions) => AsyncIterable<T>,
  ): Promise<T[]> {
    return this.call(abortSignal, async (clients, options) => {
      const all: T[] = [];
      for await (const each of act(clients, options)) all.push(each);
      return all;
    });
  }

  /** What cannot be found now may be found later. */
  private clients(): Promise<AzureClients> {
    this.known ??= this.make().catch((error: unknown) => {
      this.known = undefined;
      throw error;
    });
    return this.known;
  }

  private async make(): Promise<AzureClients> {
    const { subscription, endpoint } = this.options;
    if (subscription === '') {
      const advice = `name it in AZURE_SUBSCRIPTION_ID, and ${CREDENTIALS}`;
      throw new ProvisionError('auth', 'no subscription of Azure is named', advice);
    }
    const [{ DefaultAzureCredential }, compute, network, resources] = await Promise.all([
      import('@azure/identity'),
      import('@azure/arm-compute'),
      import('@azure/arm-network'),
      import('@azure/arm-resources'),
    ]);
    // Only the public cloud knows which authorities there are.
    const credential = new DefaultAzureCredential({ disableInstanceDiscovery: endpoint !== undefined });
    const options = {
      ...(endpoint === undefined ? {} : { endpoint }),
      retryOptions: { maxRetries: RETRIES, retryDelayInMs: FIRST_PAUSE_MS },
    };
    return {
      subscription,
      compute: new compute.ComputeManagementClient(credential, subscription, options),
      network: new network.NetworkManagementClient(credential, subscription, options),
      resources: new resources.ResourceManagementClient(credential, subscription, options),
    };
  }
}

const CREDENTIALS =
  'give the provisioner credentials that may do this: AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET';
