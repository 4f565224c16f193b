/** What a sealed copy is bound to: that of one cluster does not open as another's. */
export const escrowName = (uid: string, what: 'state' | 'kubeconfig'): string => `provisioned/${uid}/${what}`;
