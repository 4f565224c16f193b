/** Body of a preview: the change, as it would be written. */
import { IsArray, IsIn, IsInt, IsObject, IsOptional, IsString, Max, Min, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ChangeOfObjects } from './change-of-objects.js';

export class RebalancedWorkload {
  @ApiProperty({ enum: ['Job', 'Deployment'] })
  @IsIn(['Job', 'Deployment'], { message: 'must be Job or Deployment' })
  kind!: string;

  @ApiProperty()
  @IsString({ message: 'must name the workload' })
  name!: string;
}

export class RebalanceScope {
  @ApiPropertyOptional({ description: 'Only of this namespace. Absent: of all.' })
  @IsOptional()
  @IsString({ message: 'must name a namespace' })
  namespace?: string;

  @ApiPropertyOptional({ type: [RebalancedWorkload], description: 'Only these. Absent: all.' })
  @IsOptional()
  @IsArray({ message: 'must be a list of workloads' })
  @ValidateNested({ each: true })
  @Type(() => RebalancedWorkload)
  workloads?: RebalancedWorkload[];
}

export class PreviewSpec extends ChangeOfObjects {
  @ApiPropertyOptional({
    type: RebalanceScope,
    description: 'Deployments, and jobs that run for ever, that would be asked to move to where they are better off.',
  })
  @IsOptional()
  @IsObject({ message: 'must say which workloads: namespace, workloads; {} for all' })
  @ValidateNested()
  @Type(() => RebalanceScope)
  rebalance?: RebalanceScope;

  @ApiPropertyOptional({ description: 'Most moves that are listed; all are counted.' })
  @IsOptional()
  @IsInt({ message: 'must be a whole number' })
  @Min(0, { message: 'must be 0 or more' })
  @Max(5_000, { message: 'must be at most 5000' })
  most?: number;
}

export class PreviewBody {
  @ApiPropertyOptional()
  @IsOptional()
  apiVersion?: string;

  @ApiPropertyOptional()
  @IsOptional()
  kind?: string;

  @ApiPropertyOptional({ type: PreviewSpec })
  @IsObject({ message: 'must hold the change: objects, deleted' })
  @ValidateNested()
  @Type(() => PreviewSpec)
  spec!: PreviewSpec;
}
