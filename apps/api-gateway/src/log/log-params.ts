/** Parameters of the route that reads the log. */
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Min } from 'class-validator';
import { ApiPropertyOptional } from '@nestjs/swagger';

export class LogRange {
  @ApiPropertyOptional({ description: 'First sequence; default 1.' })
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
}
