/** B20: what an idle control plane with two clusters costs. The stand-ins for member clusters are not part of it. */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Instance } from '../instance.js';
import { residentBytesOf } from '../control-plane.js';
import { cpuSeconds } from '../processes.js';
import type { Suite } from '../row.js';

const SETTLE_MS = 10_000;
const SAMPLE_MS = 60_000;

export const idle: Suite = {
  budgets: [
    {
      id: 'B20a',
      name: 'idle control plane, two clusters: CPU of all services',
      unit: '% of a core',
      better: 'lower',
      floor: 5,
      aim: 1,
    },
    {
      id: 'B20b',
      name: 'idle control plane, two clusters: memory of all services',
      unit: 'MiB',
      better: 'lower',
      floor: 1_228,
      aim: 600,
    },
  ],
  async run(report, say) {
    const instance = await Instance.create();
    await instance.up();
    try {
      await pause(SETTLE_MS);
      const services = instance.processes().filter(({ name }) => name !== 'embedded-clusters');
      say(`B20: ${services.length} processes, idle for ${SAMPLE_MS / 1_000} s`);
      const before = services.map(({ pid }) => cpuSeconds(pid));
      await pause(SAMPLE_MS);
      const used = services.map(({ name, pid }, at) => ({
        name,
        percent: (100 * (cpuSeconds(pid) - (before[at] ?? 0))) / (SAMPLE_MS / 1_000),
      }));
      const total = used.reduce((sum, { percent }) => sum + percent, 0);
      report('B20a', {
        value: total,
        note: used.map(({ name, percent }) => `${name} ${percent.toFixed(2)}`).join(', '),
      });
      const memory = services.map(({ name, pid }) => ({
        name,
        mib: residentBytesOf(pid) / 1_024 ** 2,
        pss: proportionalMib(pid),
      }));
      const resident = memory.reduce((sum, { mib }) => sum + mib, 0);
      const proportional = memory.reduce((sum, { pss }) => sum + pss, 0);
      const shown = memory.map(({ name, mib }) => `${name} ${mib.toFixed(0)}`).join(', ');
      report('B20b', {
        value: resident,
        note: `resident; counting shared pages once: ${proportional.toFixed(0)} MiB; ${shown}`,
      });
    } finally {
      await instance.remove();
    }
  },
};

/** Resident memory with pages shared between processes counted by share. */
function proportionalMib(pid: number): number {
  const line = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  return Number(line?.[1] ?? 0) / 1_024;
}
