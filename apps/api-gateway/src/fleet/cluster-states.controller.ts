/**
 * `/clusterstates`: what of clusters changes without anything being written: what is free, when each was last heard, and what follows
 * from that. A watch of clusters does not tell it, for nothing of it is in the log.
 */
import { Controller, Get, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiForbiddenResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { API_VERSION } from '@skyflow/contracts';
import type { FastifyRequest } from 'fastify';
import { Gatekeeper } from '../access/gatekeeper.js';
import { ReadModel } from '../store/read-model.js';
import { ServedResources } from '../api/served-resources.js';
import { ClusterStates, ClusterStatesList } from './cluster-states.js';

@ApiTags('clusters')
@ApiBearerAuth()
@Controller()
export class ClusterStatesController {
  private readonly states: ClusterStates;

  constructor(
    model: ReadModel,
    private readonly gatekeeper: Gatekeeper,
    private readonly served: ServedResources,
  ) {
    this.states = new ClusterStates(model);
  }

  @Get('clusterstates')
  @ApiOperation({
    summary: 'How all clusters are now, in few bytes',
    description:
      'State, free capacity and the last sign of life of each, at most a second old. Of the clusters that one may list.',
  })
  @ApiOkResponse({ type: ClusterStatesList })
  @ApiForbiddenResponse({ description: 'Clusters may not be listed' })
  read(@Req() { raw }: FastifyRequest): ClusterStatesList {
    const definition = this.served.find('skyflow.io', 'Cluster');
    if (definition === undefined) throw new Error('there is no definition of clusters');
    const visible = this.gatekeeper.admitWatch(raw, definition, undefined, 'list');
    const all = this.states.read(performance.now());
    const items = visible === undefined ? [...all] : all.filter(({ name }) => visible({ name }));
    return { apiVersion: API_VERSION, kind: 'ClusterStates', items };
  }
}
