/** Bodies of the routes by which agents come in. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

const A_DAY_SECONDS = 24 * 3600;
const SHORT = 256;

export class RevokeJoinBody {
  @ApiProperty({ description: 'Name of the Cluster.', example: 'east' })
  @IsString()
  @MaxLength(SHORT)
  cluster!: string;
}

export class JoinBody extends RevokeJoinBody {
  @ApiPropertyOptional({ description: 'How long it is good. Default: an hour.', example: 900 })
  @IsOptional()
  @IsInt({ message: 'must be a whole number of seconds' })
  @Min(60, { message: 'must be 60 or more' })
  @Max(A_DAY_SECONDS, { message: 'must be a day or less' })
  expiresInSeconds?: number;
}

export class RenewBody {
  @ApiProperty({ description: 'Public part of the nkey that the agent made for NATS.', example: 'U…' })
  @IsString()
  @MaxLength(SHORT)
  natsKey!: string;
}

export class EnrolBody extends RenewBody {
  @ApiProperty({ description: 'The join token.', example: 'skyj_…' })
  @IsString()
  @MaxLength(SHORT)
  joinToken!: string;
}
