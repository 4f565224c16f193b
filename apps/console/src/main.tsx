/** Where the page begins. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import './style.css';

const element = document.getElementById('console');
if (element === null) throw new Error('index.html has no element "console"');
createRoot(element).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
