/** For tests: a collector. */
export { OtlpReceiver, type ReceivedSpan } from './otlp-receiver.js';
