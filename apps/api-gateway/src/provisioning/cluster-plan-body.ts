/** Body of a question for a plan. */
import { ApiProperty } from '@nestjs/swagger';
import { DNS_LABEL } from '@skyflow/contracts';
import { Type } from 'class-transformer';
import { IsObject, Matches, ValidateNested } from 'class-validator';

export class ClusterPlanSpec {
  @ApiProperty({ description: 'Name that the cluster would have', example: 'mluo-edge' })
  @Matches(DNS_LABEL, { message: "must be a DNS label: lower case letters, digits and '-', at most 63 characters" })
  name!: string;

  @ApiProperty({
    description: 'spec.provision of the Cluster',
    example: { cloud: { provider: 'aws', nodes: 1, cpus: 2, memoryGiB: 4 } },
  })
  @IsObject({ message: 'must be what spec.provision of a Cluster is' })
  provision!: Record<string, unknown>;
}

export class ClusterPlanBody {
  @ApiProperty({ type: ClusterPlanSpec })
  @IsObject({ message: 'must hold name and provision' })
  @ValidateNested()
  @Type(() => ClusterPlanSpec)
  spec!: ClusterPlanSpec;
}
