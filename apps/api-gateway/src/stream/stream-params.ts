/** Parameters of the event stream. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';

const LONGEST = 2_048;

export class StreamQuery {
  @ApiProperty({
    description: 'Kinds, separated by commas: plural, plural.group or plural.version.group',
    example: 'clusters,jobs,deployments.apps',
  })
  @IsString({ message: 'name the kinds, separated by commas, for example "clusters,jobs"' })
  @MaxLength(LONGEST)
  resources!: string;

  @ApiPropertyOptional({ description: 'Of kinds in namespaces: only this one. Default: all that one may see.' })
  @IsOptional()
  @IsString()
  @MaxLength(253)
  namespace?: string;

  @ApiPropertyOptional({ description: 'Only objects with these labels', example: 'app=web,tier in (a,b)' })
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST)
  labelSelector?: string;

  @ApiPropertyOptional({ description: 'Only objects with these fields', example: 'metadata.name=web' })
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST)
  fieldSelector?: string;

  @ApiPropertyOptional({
    description: 'Fields of objects that are not sent, separated by commas. Default: none.',
    example: 'metadata.managedFields,spec.template',
  })
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST)
  omit?: string;

  @ApiPropertyOptional({
    description:
      'Begin after this version (of a list), or after the id of an event. Default: with everything there is. The header Last-Event-ID comes before it.',
    example: 'clusters=120000,jobs=130002',
  })
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST)
  resourceVersion?: string;
}
