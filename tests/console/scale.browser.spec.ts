/**
 * The console on a thousand clusters and a hundred thousand jobs, measured by the browser's own trace. On a machine that is busy with other
 * things a page waits for a processor most of the time (tasks of 50 ms take 500 ms at a load of 30 on two cores), so what is held to the
 * figures is what the page's main thread itself computes: the thread's CPU, as the trace has it. By the clock only the first view is, with
 * a factor and as the best of a few tries; all figures are printed.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import type { Browser, Page } from 'playwright-core';
import { eventually } from '../e2e/fixture/skyflow.js';
import { BigFleet, CLUSTERS, JOBS, WAITING } from './big-fleet.js';
import { launch, openPage } from './browser.js';
import { type Traced, traced } from './trace.js';
import { see } from './world.js';

const SCREENSHOTS = fileURLToPath(new URL('../../.cache/console-screenshots/', import.meta.url));
const UPDATES_PER_SECOND = 1_000;
const USABLE_WITHIN_MS = 1_500;
const LONGEST_TASK_MS = 200;
/** What a busy machine may add by the clock. */
const BUSY = 3;
const TRIES = 3;
const WATCHED_MS = 3_000;

const inBrowser = await needing('browser');

/** Tells the trace when the first tiles are there, drawn, with what is used of each cluster. */
const MARK_USABLE = `new MutationObserver((_all, observer) => {
  if (document.querySelector('.tile [role=meter]') === null) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => performance.mark('usable')));
}).observe(document, { childList: true, subtree: true });`;

inBrowser.describe('a thousand clusters and a hundred thousand jobs', () => {
  let fleet: BigFleet;
  let browser: Browser;
  let page: Page;
  const figures: string[] = [];
  const round = Math.round;

  beforeAll(async () => {
    mkdirSync(SCREENSHOTS, { recursive: true });
    [fleet, browser] = await Promise.all([BigFleet.start(), launch()]);
    ({ page } = await openPage(browser));
    await page.addInitScript(MARK_USABLE);
    await page.goto(await fleet.link());
    await see(page, `${CLUSTERS} of ${CLUSTERS} clusters ready`);
  }, 180_000);

  afterAll(async () => {
    process.stdout.write(`Console at scale:\n  ${figures.join('\n  ')}\n`);
    await browser.close();
    await fleet.stop();
  }, 60_000);

  /** While a thousand updates a second arrive, so that all of them do. */
  async function underLoad(what: string, work: () => Promise<void>): Promise<Traced> {
    fleet.update(UPDATES_PER_SECOND);
    const before = fleet.updates;
    const begun = performance.now();
    try {
      const trace = await traced(browser, page, async () => {
        await work();
        await page.waitForTimeout(Math.max(0, WATCHED_MS - (performance.now() - begun)));
      });
      const rate = ((fleet.updates - before) * 1_000) / (performance.now() - begun);
      const longest = (of: 'ms' | 'cpuMs'): number => round(Math.max(0, ...trace.tasks.map((task) => task[of])));
      figures.push(
        `${what}: longest task ${longest('cpuMs')} ms of CPU (by the clock ${longest('ms')} ms), at ${round(rate)} updates/s`,
      );
      return trace;
    } finally {
      await fleet.rest();
    }
  }

  function expectFluid({ tasks }: Traced): void {
    expect(tasks.length).toBeGreaterThan(10);
    expect(Math.max(...tasks.map(({ cpuMs }) => cpuMs))).toBeLessThan(LONGEST_TASK_MS);
  }

  it('shows a first usable view in time', async () => {
    const tries: { ms: number; cpuMs: number }[] = [];
    const isMet = (): boolean => tries.some(({ ms }) => ms < USABLE_WITHIN_MS);
    for (let index = 0; index < TRIES && !isMet(); index++) {
      const trace = await traced(browser, page, async () => {
        await page.reload();
        await see(page, `${CLUSTERS} of ${CLUSTERS} clusters ready`);
        await page.getByRole('meter', { name: 'CPU used' }).nth(3).waitFor();
        await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50)))');
      });
      const until = trace.until('usable');
      if (until !== undefined) tries.push(until);
    }
    const [best = { ms: Infinity, cpuMs: Infinity }] = tries.sort((one, other) => one.ms - other.ms);
    figures.push(
      `first usable view: ${tries.map(({ ms, cpuMs }) => `${round(ms)} ms (${round(cpuMs)} ms of CPU)`).join(', ')}`,
    );
    expect(best.ms).toBeLessThan(USABLE_WITHIN_MS * BUSY);
    expect(best.cpuMs).toBeLessThan(USABLE_WITHIN_MS);
    await see(page, `${WAITING} workloads wait`);
    await page.screenshot({ path: join(SCREENSHOTS, 'fleet of 1,000 clusters.png') });
  }, 90_000);

  it('stays fluid on the fleet: scrolled, filtered, a thousand updates a second', async () => {
    const trace = await underLoad('fleet', async () => {
      for (let index = 0; index < 5; index++) await page.mouse.wheel(0, 2_000);
      await page.getByPlaceholder('name, label=value').pressSequentially('tier=gold');
      await see(page, `${CLUSTERS / 10} of ${CLUSTERS / 10} clusters ready`);
      await page.getByPlaceholder('name, label=value').fill('');
      await see(page, `${CLUSTERS} of ${CLUSTERS} clusters ready`);
    });
    expectFluid(trace);
  }, 60_000);

  it('shows all workloads, and stays fluid: scrolled, searched, sorted, a thousand updates a second', async () => {
    const begun = performance.now();
    await page.getByRole('link', { name: 'Workloads' }).click();
    await page.getByRole('link', { name: 'job-' }).first().waitFor();
    figures.push(`first workloads after ${round(performance.now() - begun)} ms`);
    const table = page.getByRole('table', { name: 'Workloads' });
    await eventually(
      'all are told',
      async () => expect(await table.getAttribute('aria-rowcount')).toBe(String(JOBS + 1)),
      60_000,
    );
    figures.push(`all ${JOBS} workloads after ${round(performance.now() - begun)} ms`);
    expect(await page.getByRole('row').count()).toBeLessThan(100);
    const trace = await underLoad('workloads', async () => {
      await page.getByRole('button', { name: 'Name', exact: true }).click();
      await page.getByRole('link', { name: 'job-000000' }).waitFor();
      await table.hover();
      for (let index = 0; index < 5; index++) await page.mouse.wheel(0, 20_000);
      await table.focus();
      await page.keyboard.press('End');
      await page.getByRole('link', { name: 'job-099999' }).waitFor();
      await page.getByPlaceholder('name, label=value').fill('job-0777');
      await page.getByRole('link', { name: 'job-077700' }).waitFor();
      await page.getByPlaceholder('name, label=value').fill('');
    });
    expectFluid(trace);
    await page.screenshot({ path: join(SCREENSHOTS, '100,000 workloads.png') });
  }, 120_000);

  it('opens one of a hundred thousand workloads without the others, and a cluster', async () => {
    await page.goto(`${fleet.base}/console/workloads/team-7/jobs/job-000007`);
    const begun = performance.now();
    await see(page, '1 of 1 replicas placed');
    figures.push(`a workload's page: ${round(performance.now() - begun)} ms after it was loaded`);
    await page.goto(`${fleet.base}/console/clusters/cluster-0007`);
    await see(page, `Workloads here (${JOBS / CLUSTERS})`);
  }, 60_000);
});
