/** Parameters of the usage route. */
import { ApiProperty } from '@nestjs/swagger';
import { type UsageSubject, usageSubjects } from '@skyflow/domain';
import { IsIn } from 'class-validator';
import { PeriodsQuery } from '../past/time-range.js';

export class UsageQuery extends PeriodsQuery {
  @ApiProperty({ description: 'Of whom', enum: usageSubjects, example: 'user' })
  @IsIn(usageSubjects, { message: `must be one of ${usageSubjects.join(', ')}` })
  by!: UsageSubject;
}
