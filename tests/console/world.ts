/** What the parts of the console's suite share: one SkyFlow, one browser, one signed-in page. */
import type { Browser, Locator, Page } from 'playwright-core';
import type { Skyflow } from '../e2e/fixture/skyflow.js';

export interface World {
  readonly skyflow: Skyflow;
  readonly browser: Browser;
  /** Signed in as admin. */
  readonly page: Page;
  /** Address of a view of the console. */
  at: (path: string) => string;
  /** Keeps a picture for people to look at. */
  shot: (name: string, where?: Page) => Promise<unknown>;
  newUser: (user: string, roles: string[]) => Promise<void>;
  signIn: (where: Page, user: string) => Promise<void>;
}

/** Resolves when the text is seen. */
export const see = (page: Page, text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor();

export const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });
