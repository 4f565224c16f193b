/** Where the worker begins. */
import type { ToDesk } from './messages.js';
import { WorkloadDesk } from './workload-desk.js';

const desk = new WorkloadDesk((message) => self.postMessage(message));
self.onmessage = ({ data }: MessageEvent<ToDesk>) => desk.receive(data);
