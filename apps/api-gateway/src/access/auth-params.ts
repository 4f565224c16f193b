/** Bodies of the routes of /auth. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

const A_YEAR_SECONDS = 366 * 24 * 3600;
const SHORT = 256;
const LONG = 4_096;

export class LoginBody {
  @ApiProperty({ description: 'Name of the user.', example: 'jo' })
  @IsString()
  @MaxLength(SHORT)
  user!: string;

  @ApiProperty({ description: 'Its password.', example: 'correct horse battery staple' })
  @IsString()
  @MaxLength(SHORT)
  password!: string;
}

export class BrowserSessionBody {
  @ApiPropertyOptional({ description: 'Name of the user; with its password.', example: 'jo' })
  @IsOptional()
  @IsString()
  @MaxLength(SHORT)
  user?: string;

  @ApiPropertyOptional({ description: 'Its password.' })
  @IsOptional()
  @IsString()
  @MaxLength(SHORT)
  password?: string;

  @ApiPropertyOptional({ description: 'Or a token that is good for "Authorization: Bearer".' })
  @IsOptional()
  @IsString()
  @MaxLength(LONG)
  token?: string;

  @ApiPropertyOptional({ description: 'Or what a sign-in link has after "#link=".', example: 'skyl_…' })
  @IsOptional()
  @IsString()
  @MaxLength(SHORT)
  link?: string;
}

export class RefreshBody {
  @ApiProperty({ description: 'The refresh token that the login answered with.', example: 'skyr_…' })
  @IsString()
  @MaxLength(SHORT)
  refreshToken!: string;
}

export class RegisterBody extends LoginBody {
  @ApiProperty({ description: 'The invite.', example: 'skyi_…' })
  @IsString()
  @MaxLength(SHORT)
  invite!: string;

  @ApiPropertyOptional({ description: 'Where the person is reached.', example: 'jo@example.org' })
  @IsOptional()
  @IsString()
  @MaxLength(SHORT)
  email?: string;
}

export class InviteBody {
  @ApiPropertyOptional({
    description: 'Roles that whoever registers is given; you must have what is in them.',
    example: ['reader-role'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(32)
  @IsString({ each: true })
  roles?: string[];

  @ApiPropertyOptional({ description: 'How long it is good. Default: a week.', example: 3600 })
  @IsOptional()
  @IsInt({ message: 'must be a whole number of seconds' })
  @Min(60, { message: 'must be 60 or more' })
  @Max(A_YEAR_SECONDS, { message: 'must be a year or less' })
  expiresInSeconds?: number;
}

export class RevokeInviteBody {
  @ApiProperty({ description: 'The invite.', example: 'skyi_…' })
  @IsString()
  @MaxLength(LONG)
  invite!: string;
}

export class TokenBodyParams {
  @ApiPropertyOptional({ description: 'Whose it is to be. Default: your own.', example: 'ci' })
  @IsOptional()
  @IsString()
  @MaxLength(SHORT)
  user?: string;

  @ApiPropertyOptional({ description: 'How long it is good. Default: 30 days.', example: 86_400 })
  @IsOptional()
  @IsInt({ message: 'must be a whole number of seconds' })
  @Min(60, { message: 'must be 60 or more' })
  @Max(A_YEAR_SECONDS, { message: 'must be a year or less' })
  expiresInSeconds?: number;

  @ApiPropertyOptional({ description: 'What it is for.', example: 'nightly builds' })
  @IsOptional()
  @IsString()
  @MaxLength(SHORT)
  description?: string;
}

export class PasswordBody {
  @ApiPropertyOptional({ description: 'Whose. Default: your own.', example: 'jo' })
  @IsOptional()
  @IsString()
  @MaxLength(SHORT)
  user?: string;

  @ApiPropertyOptional({ description: 'The present one; needed for your own.' })
  @IsOptional()
  @IsString()
  @MaxLength(SHORT)
  oldPassword?: string;

  @ApiProperty({ description: 'The new one.' })
  @IsString()
  @MaxLength(SHORT)
  password!: string;
}

export class OidcBegin {
  @ApiPropertyOptional({ description: 'Page of the console to go to afterwards.', example: '/console/workloads' })
  @IsOptional()
  @IsString()
  @MaxLength(LONG)
  to?: string;
}
