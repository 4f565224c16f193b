/** Parameters of the route that reads the log. */
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Min } from 'class-validator';
import { ApiPropertyOptional } from '@nestjs/swagger';

export class LogRange {
  @ApiPropertyOptional({
    description: 'First sequence; default: the first that has not been purged. 410 for what has been.',
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be 1 or more' })
  from?: number;

  @ApiPropertyOptional({ description: 'Last sequence; default: the last one now.' })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be 1 or more' })
  to?: number;

  @ApiPropertyOptional({
    description:
      '"stored": commits as they are stored, {seq, subject, storedAt, data}, for a backup; default: decoded.',
    enum: ['decoded', 'stored'],
  })
  @IsOptional()
  @IsIn(['decoded', 'stored'], { message: 'must be decoded or stored' })
  form?: 'decoded' | 'stored';
}
