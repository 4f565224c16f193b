/** Parameter of the routes below a Cluster. */
import { ApiProperty } from '@nestjs/swagger';
import { DNS_LABEL } from '@skyflow/contracts';
import { Matches } from 'class-validator';

export class ClusterName {
  @ApiProperty({ description: 'Name of the cluster' })
  @Matches(DNS_LABEL, { message: "must be a DNS label: lower case letters, digits and '-', at most 63 characters" })
  name!: string;
}
