/** A wall clock that is set while a program runs: loaded before it (`node --import`), it jumps at SIGUSR2 by what a file says. */
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const PROGRAM = `
import { readFileSync } from 'node:fs';
const Real = Date;
let offset = 0;
globalThis.Date = class extends Real {
  constructor(...args) { super(...(args.length === 0 ? [Real.now() + offset] : args)); }
  static now() { return Real.now() + offset; }
};
process.on('SIGUSR2', () => { offset = Number(readFileSync(process.env.SKYFLOW_FAULTS_CLOCK, 'utf8')); });
`;

export class Clock {
  readonly environment: NodeJS.ProcessEnv;

  /** @param folder for its two files */
  constructor(folder: string) {
    const [program, file] = [`${folder}/clock.mjs`, `${folder}/clock-offset`];
    writeFileSync(program, PROGRAM);
    writeFileSync(file, '0');
    this.environment = { NODE_OPTIONS: `--import=${pathToFileURL(program).href}`, SKYFLOW_FAULTS_CLOCK: file };
  }

  /** What clocks that are told to jump are off by. */
  set(offsetMs: number): void {
    writeFileSync(this.environment.SKYFLOW_FAULTS_CLOCK ?? '', String(offsetMs));
  }
}
