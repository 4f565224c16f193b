/** Parameters of the routes that tell how long workloads waited; their times are those of past/time-range.ts. */
import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';

const LONGEST_NAME = 253;

export class QueuePath {
  @ApiProperty({ description: 'Name of the queue', example: 'team-a' })
  @IsString()
  @MaxLength(LONGEST_NAME)
  name!: string;
}
