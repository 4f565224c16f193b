/** What a person may say of placement on the command line, of workloads and of policies alike. Values are the text as typed. */
export interface PlacementFlags {
  /** Only these clusters; several with commas. */
  clusters?: readonly string[];
  excludeClusters?: readonly string[];
  /** kubectl's selector language over labels and fields of clusters; several must all hold. */
  clusterSelector?: readonly string[];
  /** `SELECTOR:WEIGHT`. */
  prefer?: readonly string[];
  /** `KEY[=VALUE][:EFFECT[:SECONDS]]`. */
  tolerate?: readonly string[];
  /** `NAME=CLUSTER,CLUSTER`, in order. */
  groups?: readonly string[];
  overflow?: boolean;
  /** `KEY:min=1,max=2,skew=1,within=KEY,soft`. */
  spread?: readonly string[];
  divide?: string;
  /** `CLUSTER=WEIGHT`. */
  weights?: readonly string[];
  /** `LABEL=VALUE@KEY`. */
  near?: readonly string[];
  apart?: readonly string[];
  allOrNothing?: boolean;
}
