import { describeBackend } from '@skyflow/apimachinery/testing';
import { MemoryEventLog } from '@skyflow/event-log';
import { openLogFixture } from '../testing/log-fixture.js';

describeBackend('the log in memory', () => openLogFixture(new MemoryEventLog(), () => Promise.resolve()));
