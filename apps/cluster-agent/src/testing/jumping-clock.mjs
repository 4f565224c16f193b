/**
 * Loaded before a program (`node --import`): its wall clock jumps two hours forward at SIGUSR2, and four hours back at the next one, as
 * that of a machine which is set right, or of a guest that was resumed. Timers go on as they do then.
 */
const HOUR_MS = 3_600_000;
const Real = Date;
let offsetMs = 0;

globalThis.Date = class extends Real {
  constructor(...args) {
    super(...(args.length === 0 ? [Real.now() + offsetMs] : args));
  }

  static now() {
    return Real.now() + offsetMs;
  }
};

process.on('SIGUSR2', () => {
  offsetMs = offsetMs <= 0 ? 2 * HOUR_MS : -2 * HOUR_MS;
});
