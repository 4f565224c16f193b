/** A gateway that is slow, or refuses: on every view. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type WatchedPage, openPage } from './browser.js';
import { STREAM, VIEWS, type View } from './views.js';
import { type World, button, see } from './world.js';

/** Long enough to be seen by a test, which looks many times a second. */
const SLOW_MS = 700;
const REFUSAL = { kind: 'Status', code: 503, reason: 'ServiceUnavailable', message: 'the log is away; try again' };

export function testBadDays(world: World, linkOf: () => Promise<string>): void {
  describe('on a bad day', () => {
    let seen: WatchedPage;

    beforeAll(async () => {
      seen = await openPage(world.browser);
      await seen.page.goto(await linkOf());
      await see(seen.page, 'Live');
    }, 60_000);

    afterAll(() => seen.close());

    const shown = ({ sign }: View): Promise<void> => seen.page.getByText(sign).first().waitFor({ state: 'attached' });
    const asking = VIEWS.flatMap((view) => (view.asks === undefined ? [] : [{ ...view, asks: view.asks }]));

    it.each(asking)(
      '$name says what went wrong, and is there when it is over',
      async (view) => {
        const { page } = seen;
        await page.route(view.asks, (route) => route.fulfill({ status: 503, json: REFUSAL }));
        await page.goto(world.at(view.path));
        await see(page, view.asks === STREAM ? 'Connection lost.' : `${REFUSAL.message} (503 ServiceUnavailable)`);
        await page.unrouteAll({ behavior: 'wait' });
        // The live connection comes back by itself.
        if (view.asks !== STREAM) await button(page, 'Try again').first().click({ noWaitAfter: true });
        await shown(view);
      },
      60_000,
    );

    it.each(asking.filter(({ loading }) => loading !== undefined))(
      '$name says that it waits',
      async (view) => {
        const { page } = seen;
        await page.route(view.asks, async (route) => {
          await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
          await route.continue();
        });
        await page.goto(world.at(view.path), { waitUntil: 'commit' });
        await see(page, view.loading ?? '');
        await shown(view);
        await page.unrouteAll({ behavior: 'wait' });
      },
      60_000,
    );

    it('asks again what would happen when the scheduler did not answer', async () => {
      const { page } = seen;
      await page.route('**/simulations', (route) => route.fulfill({ status: 503, json: REFUSAL }));
      await page.goto(world.at('/what-if'));
      await page.getByRole('checkbox', { name: 'mluo-cloud' }).check();
      await button(page, 'What would happen?').click();
      await see(page, REFUSAL.message);
      await page.unrouteAll({ behavior: 'wait' });
      await button(page, 'What would happen?').click();
      await page.getByText(/As of position/).waitFor();
      expect(await page.getByText(REFUSAL.message).count()).toBe(0);
    }, 60_000);
  });
}
