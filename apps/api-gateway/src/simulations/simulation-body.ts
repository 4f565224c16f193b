/** Body of a simulation: what would be submitted, changed, deleted, lost or added. */
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { Type } from 'class-transformer';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ChangeOfObjects } from '../previews/change-of-objects.js';

const MOST_OBJECTS = 20_000;

export class SimulatedNodes {
  @ApiProperty({ description: 'Cluster that would get them.' })
  @IsString({ message: 'must name a cluster' })
  cluster!: string;

  @ApiProperty()
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be 1 or more' })
  @Max(10_000, { message: 'must be at most 10000' })
  count!: number;

  @ApiProperty({ description: 'Per node, as in the status of a Node: {"cpu": "4", "memory": "16Gi"}.' })
  @IsObject({ message: 'must hold quantities by resource' })
  allocatable!: Record<string, string>;
}

export class SimulationSpec extends ChangeOfObjects {
  @ArrayMaxSize(MOST_OBJECTS, { message: `must be at most ${String(MOST_OBJECTS)} objects` })
  declare objects?: Record<string, unknown>[];

  @ApiPropertyOptional({ description: 'Names of clusters that would be lost.' })
  @IsOptional()
  @IsArray({ message: 'must be a list of names' })
  @IsString({ each: true, message: 'must be a list of names' })
  clustersDown?: string[];

  @ApiPropertyOptional({ type: [SimulatedNodes] })
  @IsOptional()
  @IsArray({ message: 'must be a list of nodes' })
  @ValidateNested({ each: true })
  @Type(() => SimulatedNodes)
  nodes?: SimulatedNodes[];

  @ApiPropertyOptional({ description: 'Most workloads that are listed; all are counted.' })
  @IsOptional()
  @IsInt({ message: 'must be a whole number' })
  @Min(0, { message: 'must be 0 or more' })
  @Max(20_000, { message: 'must be at most 20000' })
  most?: number;
}

export class SimulationBody {
  @ApiPropertyOptional()
  @IsOptional()
  apiVersion?: string;

  @ApiPropertyOptional()
  @IsOptional()
  kind?: string;

  @ApiPropertyOptional({ type: SimulationSpec })
  @IsObject({ message: 'must say what would happen: objects, deleted, clustersDown, nodes' })
  @ValidateNested()
  @Type(() => SimulationSpec)
  spec!: SimulationSpec;
}
