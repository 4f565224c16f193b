/** Certificates of one installation: its authority, and what that signs. */
export { issueCertificate, type Authority, type CertificateRequest, type Subject } from './issue-certificate.js';
