/** Certificates of one installation: its authority, and what that signs. */
export { issueCertificate, type Authority, type CertificateRequest, type Subject } from './issue-certificate.js';
export {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  objectId,
  octetString,
  sequence,
  setOf,
  time,
  utf8,
} from './der.js';
