/** Rented machines that belong to no cluster, as the provisioner has told of them in the log. */
import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { API_VERSION, decisionSubject } from '@skyflow/contracts';
import { type Orphan, evolveProvisioning, initialProvisioning, timestamp } from '@skyflow/domain';
import { GatewayOptions } from '../gateway-options.js';

const SUBJECT = decisionSubject('provisioner');

/** As it is shown; times as everywhere in the API. */
type ShownOrphan = Omit<Orphan, 'seenMs' | 'sinceMs'> & { seenAt: string };

@ApiTags('clusters')
@ApiBearerAuth()
@Controller('apis/skyflow.io/v1/orphans')
export class OrphanController {
  constructor(private readonly options: GatewayOptions) {}

  @Get()
  @ApiOperation({ summary: 'Rented machines with the mark of this installation that belong to no cluster of it' })
  async list(): Promise<{ apiVersion: string; kind: string; items: ShownOrphan[] }> {
    const { log, stopping } = this.options;
    const state = initialProvisioning();
    const to = await log.head();
    for await (const { commit, seq, subject } of log.read({ from: 1, to, subjects: [SUBJECT], signal: stopping })) {
      for (const entry of commit.entries) {
        if (entry.type === 'OrphanAdvanced' || entry.type === 'EpochStarted') {
          evolveProvisioning(state, entry, { position: seq, subject });
        }
      }
    }
    const items = [...state.orphans.values()].map(({ seenMs, sinceMs: _since, ...orphan }) => ({
      ...orphan,
      seenAt: timestamp(seenMs),
    }));
    return { apiVersion: API_VERSION, kind: 'OrphanList', items };
  }
}
