/**
 * Loaded before a program (`node --import`): its hours pass in seconds. The wall clock runs FAST times as fast, and every timer of
 * ten seconds or more, which is what a program does now and then, fires that much sooner. Short timers keep their time: they
 * are deadlines of requests to programs whose clocks are not fast. So do those of the lengths that FAST_CLOCK_KEEPS_MS names, `90000,30000`.
 */
import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';

const FAST = 120;
const LONG_MS = 10_000;

const startedAt = Date.now();
const now = Date.now.bind(Date);
Date.now = () => startedAt + (now() - startedAt) * FAST;

const kept = new Set((process.env.FAST_CLOCK_KEEPS_MS ?? '').split(',').map(Number));
const scaled = (ms) => (ms >= LONG_MS && !kept.has(ms) ? ms / FAST : ms);
const { setTimeout: later, setInterval: often } = globalThis;
globalThis.setTimeout = Object.assign((work, ms, ...rest) => later(work, scaled(ms), ...rest), later);
globalThis.setInterval = (work, ms, ...rest) => often(work, scaled(ms), ...rest);
const pause = timersPromises.setTimeout;
timersPromises.setTimeout = (ms, ...rest) => pause(scaled(ms), ...rest);
syncBuiltinESMExports();
