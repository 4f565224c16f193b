/** Signing in at an OpenID issuer, a real one on this machine. */
import { expect, it } from '@jest/globals';
import { openPage, seriousFaults } from './browser.js';
import { type World, button, see } from './world.js';

const BINDINGS = '/apis/skyflow.io/v1/rolebindings';

export function testOidc(world: World): void {
  it('signs in at the issuer, with the rights of its groups, and says when the person refused', async () => {
    const { browser, skyflow, at, shot } = world;
    const binding = {
      apiVersion: 'skyflow.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'readers-of-the-issuer' },
      roleRef: { kind: 'Role', name: 'reader-role' },
      subjects: [{ kind: 'Group', name: 'oidc:dev' }],
    };
    expect(await skyflow.api(BINDINGS, { method: 'POST', body: JSON.stringify(binding) })).toMatchObject({ code: 201 });
    const { page, errors, close } = await openPage(browser);
    await page.goto(at('/workloads'));
    const way = page.getByRole('link', { name: /^Sign in at / });
    await way.click();
    await page.getByRole('link', { name: 'Cancel' }).click();
    await see(page, /the issuer did not sign you in/);
    expect(await seriousFaults(page)).toEqual([]);
    await shot('sign-in', page);
    await page.goto(at('/workloads'));
    await way.click();
    await page.getByPlaceholder('Enter any login').fill('jo');
    await page.getByPlaceholder('and password').fill('any');
    await button(page, 'Sign-in').click();
    await button(page, 'Continue').click();
    const job = page.getByRole('link', { name: 'hello', exact: true });
    await job.waitFor();
    expect(page.url()).toBe(at('/workloads'));
    await see(page, 'oidc:jo');
    expect(
      await page.evaluate('[document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage)]'),
    ).toEqual(['', '{}', '{}']);
    await job.click();
    await see(page, /replicas placed/);
    expect(await button(page, 'Delete').count()).toBe(0);
    await button(page, 'Sign out').click();
    await way.waitFor();
    expect(errors).toEqual([]);
    await close();
  }, 90_000);
}
