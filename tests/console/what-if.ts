/** What would happen if objects were submitted or a policy were changed. */
import { expect, it } from '@jest/globals';
import { type World, button, see } from './world.js';

const POLICY = `apiVersion: skyflow.io/v1
kind: PlacementPolicy
metadata:
  name: not-onprem
spec:
  workloadSelector:
    matchLabels: { app: hello }
  excludeClusters: [mluo-onprem]
`;

export function testWhatIf(world: World): void {
  it('shows where a manifest would go, and what a policy would move, and writes neither', async () => {
    const { page, skyflow, at, shot } = world;
    await page.goto(at('/what-if'));
    await button(page, 'Example').click();
    await button(page, 'What would happen?').click();
    const row = (name: string) =>
      page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
    await row('default/what-if')
      .getByText(/placed|waiting/)
      .first()
      .waitFor();
    await shot('what-if, a manifest');
    expect(await skyflow.api('/apis/skyflow.io/v1/namespaces/default/jobs/what-if')).toMatchObject({ code: 404 });
    const editor = page.getByLabel('These objects are submitted or changed (YAML)');
    await editor.fill(POLICY);
    await button(page, 'What would happen?').click();
    await row('default/hello').getByText('moved').waitFor();
    await shot('what-if, a policy');
    expect(await skyflow.api('/apis/skyflow.io/v1/namespaces/default/placementpolicies/not-onprem')).toMatchObject({
      code: 404,
    });
    await editor.fill('kind: [');
    await button(page, 'What would happen?').click();
    await see(page, /at line 1/);
  }, 90_000);
}
