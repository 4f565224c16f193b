/** What previews and simulations have in common: objects that would be written, and that would be deleted. */
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsArray, IsObject, IsOptional } from 'class-validator';

/** A change of objects, as part of a `spec`; nothing of it is written. */
export class ChangeOfObjects {
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
}
