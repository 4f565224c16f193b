/** Finds or gets a nats-server, and runs it the way SkyFlow needs it. */
export {
  resolveNatsServer,
  defaultCacheDir,
  NatsServerNotFoundError,
  type ResolveOptions,
} from './resolve-nats-server.js';
export {
  startNatsServer,
  NatsServerStartError,
  type StartOptions,
  type NatsServerProcess,
  type ServerExit,
} from './start-nats-server.js';
export { MINIMUM_VERSION, PINNED_VERSION } from './versions.js';
export type { FoundNatsServer, NatsServerSource } from './ways/way.js';
export type { ReleaseSource } from './ways/release-download.js';
export {
  KEY_LIFE_MS,
  PublicKeys,
  ServiceKeys,
  newSeed,
  publicKeyOf,
  writePrivate,
  type KeyStore,
} from './keeper/service-keys.js';
export { replaceKeys, type ReplacementSteps } from './keeper/replace-keys.js';
export { type Change, NatsKeeper, type KeeperOptions } from './keeper/nats-keeper.js';
export { CertificateFiles, type CertificatePair, type TlsFiles } from './keeper/certificate-files.js';
export { readAnew } from './access/read-anew.js';
export { renderConfig, type ClusterConfig, type ServerConfig } from './server-config.js';
export { freePort, isFree } from './free-port.js';
