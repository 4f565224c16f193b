/** What is done about a failure, in words that follow it. */
import type { FailureClass } from '@skyflow/contracts';

export const REMEDY_WORDS: Readonly<Record<FailureClass, string>> = {
  capacity: 'the next offer is tried',
  quota: 'the next offer is tried',
  auth: 'it needs a change by you',
  config: 'it needs a change by you',
  host: 'it is tried again',
  network: 'it is tried again',
  docker: 'it is tried again once',
  healthcheck: 'it is tried again',
  addon: 'it is tried again with more time',
  stuckUpgrade: 'it is tried again as a first installation',
  stateMissing: 'it is tried again with the sealed state',
  dangerous: 'nothing is done until you decide',
  stalled: 'it is tried again',
  interrupted: 'it goes on where it was',
  unknown: 'it is tried again',
};
