/** Body of a preview: the change, as it would be written. */
import { IsArray, IsInt, IsObject, IsOptional, Max, Min, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import { ApiPropertyOptional } from '@nestjs/swagger';

export class PreviewSpec {
  @ApiPropertyOptional({ description: 'Objects of SkyFlow’s kinds as they would be stored: whole, not patches.' })
  @IsOptional()
  @IsArray({ message: 'must be a list of objects' })
  @IsObject({ each: true, message: 'must be a list of objects' })
  objects?: Record<string, unknown>[];

  @ApiPropertyOptional({ description: 'Objects that would be deleted: kind, namespace, name.' })
  @IsOptional()
  @IsArray({ message: 'must be a list of references' })
  @IsObject({ each: true, message: 'must be a list of references' })
  deleted?: Record<string, unknown>[];

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
