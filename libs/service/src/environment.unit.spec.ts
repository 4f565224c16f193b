import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { EnvironmentError, readEnvironment, serviceEnvironment } from './environment.js';

describe('readEnvironment', () => {
  it('gives defaults for what is absent or empty', () => {
    expect(readEnvironment(serviceEnvironment, { SKYFLOW_LOG_LEVEL: '' })).toMatchObject({
      SKYFLOW_NATS_URL: 'nats://127.0.0.1:4222',
      SKYFLOW_LOG_LEVEL: 'info',
    });
  });

  it('names every wrong variable with its value and what it is for', () => {
    const read = () => readEnvironment(serviceEnvironment, { SKYFLOW_HEALTH_PORT: '70000', SKYFLOW_LOG_LEVEL: 'loud' });
    expect(read).toThrow(EnvironmentError);
    expect(read).toThrow(/SKYFLOW_HEALTH_PORT is "70000".*65535.*port of \/livez/s);
    expect(read).toThrow(/SKYFLOW_LOG_LEVEL is "loud"/);
  });

  it('never shows the value of a secret', () => {
    const read = () => readEnvironment({ MY_TOKEN: z.string().min(100).describe('a token') }, { MY_TOKEN: 'hunter2' });
    expect(read).toThrow(/MY_TOKEN is "…"/);
    expect(read).not.toThrow(/hunter2/);
  });
});
