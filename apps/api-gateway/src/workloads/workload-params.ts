/** Parameters of the routes below a Job or Deployment. */
import { Transform, Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsOptional, IsRFC3339, IsString, Matches, Min } from 'class-validator';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { DNS_LABEL } from '@skyflow/contracts';

const NAME_RULE = "must be a DNS label: lower case letters, digits and '-', at most 63 characters";

/** `?follow`, `?follow=true` and `?follow=1` say yes, `false` and `0` no; anything else stays as it is and is refused. */
const Flag = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => {
    if (value === '' || value === 'true' || value === '1') return true;
    return value === 'false' || value === '0' ? false : value;
  });

export class WorkloadPath {
  @ApiProperty({ description: 'Namespace' })
  @Matches(DNS_LABEL, { message: NAME_RULE })
  namespace!: string;

  @ApiProperty({ enum: ['jobs', 'deployments'] })
  @IsIn(['jobs', 'deployments'])
  plural!: 'jobs' | 'deployments';

  @ApiProperty({ description: 'Name of the job or deployment' })
  @Matches(DNS_LABEL, { message: NAME_RULE })
  name!: string;
}

export class PastQuery {
  @ApiPropertyOptional({ description: 'As it was: an RFC 3339 time, or a sequence of the log.' })
  @IsOptional()
  @IsString()
  at?: string;
}

export class PodsQuery {
  @ApiPropertyOptional({ description: 'Only pods in this cluster.' })
  @IsOptional()
  @Matches(DNS_LABEL, { message: NAME_RULE })
  cluster?: string;
}

export class LogQuery {
  @ApiPropertyOptional({ description: 'Go on as long as there is something to come.' })
  @IsOptional()
  @Flag()
  @IsBoolean({ message: 'must be true or false' })
  follow?: boolean;

  @ApiPropertyOptional({
    description:
      'What there was to read then: an RFC 3339 time, or a sequence of the log. Of pods that are still there, as clusters keep no other logs.',
  })
  @IsOptional()
  @IsString()
  at?: string;

  @ApiPropertyOptional({ description: 'Only so many of the last lines of each container.' })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number' })
  @Min(0, { message: 'must be 0 or more' })
  tailLines?: number;

  @ApiPropertyOptional({ description: 'Only lines of the last so many seconds.' })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be 1 or more' })
  sinceSeconds?: number;

  @ApiPropertyOptional({ description: 'Only lines from this time on (RFC 3339).' })
  @IsOptional()
  @IsRFC3339({ message: 'must be a time such as 2026-11-24T10:00:00Z' })
  sinceTime?: string;

  @ApiPropertyOptional({ description: 'Put its time before each line.' })
  @IsOptional()
  @Flag()
  @IsBoolean({ message: 'must be true or false' })
  timestamps?: boolean;

  @ApiPropertyOptional({ description: 'The log of the container that ran before the present one.' })
  @IsOptional()
  @Flag()
  @IsBoolean({ message: 'must be true or false' })
  previous?: boolean;

  @ApiPropertyOptional({ description: 'Put [cluster/pod/container] before each line.' })
  @IsOptional()
  @Flag()
  @IsBoolean({ message: 'must be true or false' })
  prefix?: boolean;

  @ApiPropertyOptional({ description: 'Only this container of each pod.' })
  @IsOptional()
  @IsString()
  container?: string;

  @ApiPropertyOptional({ description: 'Only pods in this cluster.' })
  @IsOptional()
  @Matches(DNS_LABEL, { message: NAME_RULE })
  cluster?: string;
}
