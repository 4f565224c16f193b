/** The console. */
import type { ReactElement } from 'react';

export const App = (): ReactElement => (
  <main>
    <h1>SkyFlow</h1>
  </main>
);
