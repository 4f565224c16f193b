/** What drivers of clouds have in common: offers by region, and how machines are entered. */
import type { ProvisionOffer, ProvisionSpec } from '@skyflow/contracts';
import type { MachineLogin } from '@skyflow/domain';

export interface LoginOptions {
  user: string;
  port: number;
  dockerSocket: string | undefined;
}

/** How machines that were made by these options are entered. */
export const loginOf = ({ user, port, dockerSocket }: LoginOptions): MachineLogin => ({
  user,
  port,
  ...(dockerSocket === undefined ? {} : { dockerSocket }),
});

/** Offers of the region that the spec names, else of all that are configured; asked at once. */
export async function offersByRegion(
  { cloud }: ProvisionSpec,
  regions: readonly string[],
  offersIn: (region: string, cloud: NonNullable<ProvisionSpec['cloud']>) => Promise<ProvisionOffer[]>,
): Promise<ProvisionOffer[]> {
  if (cloud === undefined) return [];
  const wanted = cloud.region === undefined ? regions : [cloud.region];
  return (await Promise.all(wanted.map((region) => offersIn(region, cloud)))).flat();
}
