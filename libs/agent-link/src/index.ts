/** Byte streams between gateway and agents over core NATS, with credit, errors, cancel and dead-peer detection. */
export { type AgentStream, type OpenOptions, openStream } from './open-stream.js';
export { type AskOptions, askAgent } from './ask-agent.js';
export { type Served, type ServeOptions, type StreamHandler, serveStreams } from './serve-streams.js';
export { AGENT_UNAVAILABLE, STREAM_BROKEN, AgentLinkError } from './link-error.js';
export { type LinkTimes, WINDOW_BYTES } from './link-options.js';
export { SealError, openOnce, openWithNonce, sealOnce, sealWithNonce } from './sealing/sealed-data.js';
export { DeliveryKey, deliver } from './sealing/delivery.js';
