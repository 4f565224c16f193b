/**
 * Answers what sealed copies there are of a cluster, and opens one: only if its hash is right and the authority in it is the one that it was
 * kept under. From the log, so that those of a deleted cluster are there as well. Reads only.
 */
import type { NatsConnection } from '@nats-io/transport-node';
import { type EscrowCopy, type EscrowReply, decisionSubject, escrowRequestSchema } from '@skyflow/contracts';
import { timestamp } from '@skyflow/domain';
import type { EventLog } from '@skyflow/event-log';
import type { Logger } from '@skyflow/service';
import { escrowName } from '../active/escrow-name.js';
import { authorityFingerprint, readState } from '../drivers/rke/state-file.js';
import { fingerprintOfK3s } from '../drivers/k3s/k3s-state.js';
import { ProvisionError } from '../provision-error.js';
import { answerRequests } from '../requests/answer-requests.js';
import { factsOf } from '../verify/verify-cluster.js';
import type { EscrowKeys } from './escrow-keys.js';

const SUBJECTS = [decisionSubject('provisioner')];

interface Found {
  copy: EscrowCopy;
  sealed: string;
}

export class EscrowServer implements Disposable {
  private readonly answering: Disposable;

  constructor(
    nats: NatsConnection,
    private readonly log: Pick<EventLog, 'read' | 'head'>,
    private readonly keys: () => EscrowKeys,
    private readonly logger: Logger,
  ) {
    this.answering = answerRequests(nats, 'escrow', (text) => this.reply(text), logger);
  }

  [Symbol.dispose](): void {
    this.answering[Symbol.dispose]();
  }

  async reply(text: string): Promise<EscrowReply> {
    try {
      const parsed = escrowRequestSchema.safeParse(JSON.parse(text));
      if (!parsed.success) return { error: parsed.error.message, code: 400 };
      const { name, what, version } = parsed.data;
      const found = await this.find(name);
      if (found.length === 0) return { error: `nothing is sealed of a cluster "${name}"`, code: 404 };
      if (what === undefined) return { copies: found.map(({ copy }) => copy) };
      const one = found.findLast(({ copy }) => copy.what === what && (version ?? copy.version) === copy.version);
      if (one !== undefined) return { copies: [one.copy], text: await this.open(one) };
      const which = version === undefined ? '' : ` of version ${String(version)}`;
      return {
        error: `no ${what}${which} is sealed of cluster "${name}"; skyctl cluster escrow list ${name}`,
        code: 404,
      };
    } catch (error) {
      if (error instanceof ProvisionError) {
        return { error: `${error.failure.message}; ${error.failure.advice}`, code: 422 };
      }
      this.logger.error({ err: error }, 'a sealed copy could not be opened');
      return { error: `it could not be opened: ${(error as Error).message}`, code: 500 };
    }
  }

  private async find(name: string): Promise<Found[]> {
    const found: Found[] = [];
    const to = await this.log.head();
    for await (const { commit } of this.log.read({ from: 1, to, subjects: SUBJECTS })) {
      for (const entry of commit.entries) {
        if (entry.type !== 'ProvisioningAdvanced' || entry.data.ref.name !== name) continue;
        const { step, ref } = entry.data;
        if (step.type !== 'Escrowed') continue;
        const { what, version, sha256, caFingerprint, key, sealed, endpoint } = step;
        const facts = { uid: ref.uid, what, version, sha256, caFingerprint, key, at: timestamp(entry.at) };
        found.push({ copy: { ...facts, ...(endpoint === undefined ? {} : { endpoint }) }, sealed });
      }
    }
    return found;
  }

  /** @throws ProvisionError when it is damaged, its key is not there, or it is of another authority than it says. */
  private async open({ copy, sealed }: Found): Promise<string> {
    const text = this.keys().open({ ...copy, sealed }, escrowName(copy.uid, copy.what));
    const seen = await fingerprintIn(copy, text);
    if (seen === undefined || seen === copy.caFingerprint) return text;
    const message = `the authority in ${copy.what} ${String(copy.version)} is ${seen}, and it was sealed as ${copy.caFingerprint}`;
    throw new ProvisionError('dangerous', message, 'do not use it; take another version');
  }
}

/** Undefined for what has no authority in it: its hash says enough. */
async function fingerprintIn({ what }: EscrowCopy, text: string): Promise<string | undefined> {
  if (what === 'state') return readState(text)?.caFingerprint ?? fingerprintOfK3s(text);
  if (what === 'kubeconfig') return authorityFingerprint((await factsOf(text)).authority);
  return undefined;
}
