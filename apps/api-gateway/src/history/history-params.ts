/** Parameters of the history of an object. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { PastQuery } from '../workloads/workload-params.js';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

const LONG = 253;

export class ClusterObjectPath {
  @ApiProperty({ description: 'API group; "core" for v1', example: 'skyflow.io' })
  @IsString()
  @MaxLength(LONG)
  group!: string;

  @ApiProperty({ example: 'v1' })
  @IsString()
  @MaxLength(LONG)
  version!: string;

  @ApiProperty({ description: 'Plural of the kind', example: 'clusters' })
  @IsString()
  @MaxLength(LONG)
  plural!: string;

  @ApiProperty({ description: 'Name of the object' })
  @IsString()
  @MaxLength(LONG)
  name!: string;
}

export class NamespacedObjectPath extends ClusterObjectPath {
  @ApiProperty({ description: 'Namespace' })
  @IsString()
  @MaxLength(LONG)
  namespace!: string;
}

export class HistoryQuery extends PastQuery {
  @ApiPropertyOptional({ description: 'The latest so many. Default 500.' })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be 1 or more' })
  @Max(10_000, { message: 'must be 10000 or less' })
  limit?: number;
}
