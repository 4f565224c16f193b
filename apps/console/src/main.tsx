/** Where the page begins. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Router } from 'wouter';
import { App } from './app.js';
import { SessionContext } from './api/hooks.js';
import { Session } from './api/session.js';
import { applyTheme, storedTheme } from './shell/theme.js';
import './styles/base.css';
import './styles/parts.css';
import './styles/views.css';

const element = document.getElementById('console');
if (element === null) throw new Error('index.html has no element "console"');
applyTheme(storedTheme());
const session = new Session();
void session.begin();
createRoot(element).render(
  <StrictMode>
    <SessionContext value={session}>
      <Router base="/console">
        <App />
      </Router>
    </SessionContext>
  </StrictMode>,
);
