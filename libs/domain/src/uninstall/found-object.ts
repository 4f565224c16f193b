/** Objects of a member cluster as an uninstall sees them: metadata only, of every kind. */

/** What an object is one of: enough to name its kind and to make its URL. */
export interface FoundKind {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

export interface ManagedFields {
  readonly manager?: string;
  readonly subresource?: string;
  readonly fieldsV1?: Readonly<Record<string, unknown>>;
}

export interface FoundMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly { readonly uid: string }[];
  readonly managedFields?: readonly ManagedFields[];
}

export interface FoundObject {
  readonly kind: FoundKind;
  readonly metadata: FoundMetadata;
}

/** `Deployment default/web`, `Namespace shop`: for people. */
export const wordsOf = ({ kind, metadata: { name, namespace } }: FoundObject): string =>
  `${kind.kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
