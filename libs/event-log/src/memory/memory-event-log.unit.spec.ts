import { MemoryEventLog } from './memory-event-log.js';
import { describeEventLog } from '../event-log.contract.js';

describeEventLog('MemoryEventLog', { open: () => Promise.resolve(new MemoryEventLog()) });
