/** What is around every view: navigation, who one is, whether what is shown is live. */
import { type ReactElement, type ReactNode, useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useMay, useSession } from '../api/hooks.js';
import type { WhoAmI } from '../api/session.js';
import { LiveNote, LostBanner, MomentBanner } from './live-note.js';
import { PAGES, type Page } from './pages.js';
import { type Theme, applyTheme, nextTheme, storedTheme } from './theme.js';

export function Shell({ who, children }: { who: WhoAmI; children: ReactNode }): ReactElement {
  const session = useSession();
  const [location] = useLocation();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    // Readers of screens hear that another page is there; the first page is announced by the browser itself.
    if (first.current) first.current = false;
    else main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [location]);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="shell-head">
        <Link className="brand" href="/">
          SkyFlow
        </Link>
        <LiveNote />
        <span className="grow" />
        <ThemeButton />
        <span className="who" title={who.roles.length > 0 ? `Roles: ${who.roles.join(', ')}` : 'No roles'}>
          {who.user}
        </span>
        <button type="button" className="plain" onClick={() => void session.signOut()}>
          Sign out
        </button>
      </header>
      <nav className="shell-nav" aria-label="Pages">
        <ul>
          {PAGES.map((page) => (
            <NavItem key={page.path} page={page} current={isCurrent(page.path, location)} />
          ))}
        </ul>
      </nav>
      <main id="main" className="shell-main" ref={main} tabIndex={-1}>
        <LostBanner />
        <MomentBanner />
        {children}
      </main>
    </div>
  );
}

const isCurrent = (path: string, location: string): boolean =>
  path === '/' ? location === '/' || location.startsWith('/clusters/') : location.startsWith(path);

function NavItem({ page, current }: { page: Page; current: boolean }): ReactElement | null {
  const may = useMay(page.needs);
  if (!may) return null;
  return (
    <li>
      <Link href={page.path} aria-current={current ? 'page' : undefined}>
        {page.title}
      </Link>
    </li>
  );
}

const THEME_WORDS: Readonly<Record<Theme, string>> = { system: 'Auto', light: 'Light', dark: 'Dark' };

function ThemeButton(): ReactElement {
  const [theme, setTheme] = useState(storedTheme);
  const turn = (): void => {
    const next = nextTheme(theme);
    applyTheme(next);
    setTheme(next);
  };
  return (
    <button type="button" className="plain" onClick={turn} aria-label={`Colours: ${THEME_WORDS[theme]}`}>
      <span aria-hidden="true">◐</span> {THEME_WORDS[theme]}
    </button>
  );
}
