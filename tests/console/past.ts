/** Every view put back to a moment of the log. */
import { expect, it } from '@jest/globals';
import { type World, button, see } from './world.js';

interface Logged {
  seq: number;
  commit: { entries: { type: string; data: { object?: { kind: string; metadata: { name: string } } } }[] };
}

/** The commit before somebody gave `hello` a third replica. */
async function before({ skyflow }: World): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${skyflow.port}/log`, {
    headers: { authorization: `Bearer ${skyflow.token}` },
  });
  const commits = (await response.text())
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Logged);
  const changed = commits.find(({ commit }) =>
    commit.entries.some(
      ({ type, data }) =>
        type === 'ObjectUpdated' && data.object?.kind === 'Job' && data.object.metadata.name === 'hello',
    ),
  );
  return (changed?.seq ?? 0) - 1;
}

export function testPast(world: World): void {
  it('goes back to a moment of the log with every view, and tells what differs', async () => {
    const { page, shot } = world;
    await page.getByRole('link', { name: 'Time' }).click();
    const slider = page.getByRole('slider');
    await slider.waitFor();
    const last = Number(await slider.getAttribute('max'));
    await slider.focus();
    await page.keyboard.press('Home');
    await see(page, 'The past.');
    await page.getByLabel('Between commit').fill(String(last));
    await button(page, 'Compare').click();
    await see(page, /[1-9]\d* differences from commit 1 to/);
    await page.getByRole('rowheader', { name: 'default/hello' }).waitFor();
    await shot('time');
    await page.getByRole('link', { name: 'Fleet' }).click();
    await see(page, '0 of 0 clusters ready');
    await button(page, 'Back to now').click();
    await see(page, '2 of 2 clusters ready');
  }, 90_000);

  it('shows of every view what was then, and says of what is not in the log that it is not', async () => {
    const { page, shot } = world;
    const seq = await before(world);
    await page.getByRole('link', { name: 'Time' }).click();
    await page.getByRole('slider').fill(String(seq));
    await see(page, `commit ${seq} of`);
    await page.getByText(`after commit ${seq} of the log, `).waitFor();
    const view = async (name: string, text: string | RegExp): Promise<void> => {
      await page.getByRole('link', { name, exact: true }).click();
      await see(page, text);
    };
    await view('Fleet', '2 of 2 clusters ready');
    await see(page, /1 workload waits/);
    await page.getByRole('link', { name: 'mluo-cloud', exact: true }).click();
    await see(page, /Workloads here \([1-9]/);
    // Deleted since.
    await view('Workloads', 'live-0');
    await shot('the past, workloads');
    await view('hello', '2 of 2 replicas placed, 2 running');
    await view('Why here?', /passed every rule/);
    await see(page, /this is about the past/);
    await view('Pods', 'Pods (2)');
    await see(page, /hello-\S+\.mluo-cloud/);
    await view('Logs', /Lines that containers print are not in SkyFlow’s log/);
    await page.getByText(/\d+ lines/).waitFor();
    await shot('the past, logs');
    await view('Events', /Events of clusters are not in SkyFlow’s log/);
    await view('History', 'mluo-cloud: 1, mluo-onprem: 1');
    expect(await page.getByText(/mluo-\w+: 2/).count()).toBe(0);
    await view('YAML', 'replicas: 2');
    for (const name of ['Edit', 'Scale', 'Delete']) expect(await button(page, name).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Terminal' }).count()).toBe(0);
    // Queues, services and users came later.
    await view('Queues', 'No queues: workloads wait in one line');
    await view('Mesh', 'No services over clusters yet');
    await view('Provisioning', 'SkyFlow has built no cluster yet');
    await view('Access', 'reader-role');
    expect(await page.getByRole('rowheader', { name: 'ivy' }).count()).toBe(0);
    await page.getByRole('region', { name: 'Who did what' }).getByText('Object created').first().waitFor();
    expect(await page.getByText('User ivy').count()).toBe(0);
    await view('Operations', /Signs of life, versions and the counters of services are not in SkyFlow’s log/);
    await see(page, 'Scheduling latency of the hour before');
    await view('What if', /The scheduler is asked about now/);
    await button(page, 'Back to now').click();
    await view('Access', 'ivy');
  }, 120_000);
}
