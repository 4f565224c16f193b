/** The terminal in a pod. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { eventually } from '../e2e/fixture/skyflow.js';
import { openPage } from './browser.js';
import { type World, button, see } from './world.js';

const PAGE = '/workloads/default/jobs/hello/terminal';

export function testTerminal(world: World): void {
  it('opens a terminal in a pod of any cluster, in colour, and says how the command ended', async () => {
    const { page, at, shot } = world;
    await page.goto(at(PAGE));
    const pod = page.getByRole('combobox', { name: 'Pod' });
    await pod.waitFor();
    const screen = page.getByRole('group', { name: 'Terminal' });
    const says = (text: RegExp) =>
      eventually('it answers', async () => expect(await screen.locator('.xterm-rows').innerText()).toMatch(text));
    for (const [place, cluster] of ['mluo-cloud', 'mluo-onprem'].entries()) {
      const [name = ''] = (await pod.locator('option').allInnerTexts()).filter((text) => text.endsWith(`.${cluster}`));
      await pod.selectOption(name);
      await button(page, 'Open a terminal').click();
      await says(/[#$]/);
      // The answer is not in what was typed; the colour is no part of the page's own palette.
      await page.keyboard.type(`echo $((40+${place})) here; printf '\\033[38;2;200;30;31mred\\033[0m\\n'\n`);
      await says(new RegExp(`^4${place} here`, 'm'));
    }
    expect(await screen.locator('.xterm-rows span[style*="color"]').count()).toBeGreaterThan(0);
    await shot('terminal');
    await page.keyboard.press('F6');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Close the terminal');
    await screen.click();
    await page.keyboard.type('exit 7\n');
    await see(page, /Ended with code 7/);
    await button(page, 'Close the terminal').click();
    expect(await screen.count()).toBe(0);
  }, 90_000);

  it('is no terminal for pages of other places, nor for who may not', async () => {
    const { page, at, browser, skyflow, newUser, signIn } = world;
    await page.goto(at(PAGE));
    const pod = (await page.getByRole('combobox', { name: 'Pod' }).inputValue()) || 'none';
    const path = `/api/v1/namespaces/default/pods/${pod}/exec?container=main&stdout=true&command=id`;
    await newUser('rita', ['reader-role']);
    const reader = await openPage(browser);
    await signIn(reader.page, 'rita');
    await reader.page.goto(at(PAGE));
    await reader.page.getByRole('link', { name: 'Pods' }).waitFor();
    expect(await reader.page.getByRole('link', { name: 'Terminal' }).count()).toBe(0);
    const opened = `new Promise((resolve) => {
      const socket = new WebSocket('ws://127.0.0.1:${skyflow.port}${path}', 'v5.channel.k8s.io');
      socket.onopen = () => resolve(true);
      socket.onclose = () => resolve(false);
    })`;
    expect(await reader.page.evaluate(opened)).toBe(false);
    await reader.close();
    expect(await page.evaluate(opened)).toBe(true);
    // A page of another port of this machine: the browser sends it the cookie along (same site), and it gets nothing for it.
    const other = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('hello'));
    const elsewhere = await page.context().newPage();
    try {
      await once(other.listen(0, '127.0.0.1'), 'listening');
      await elsewhere.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
      expect(await elsewhere.evaluate(opened)).toBe(false);
    } finally {
      other.closeAllConnections();
      other.close();
    }
    await elsewhere.close();
  }, 90_000);
}
