/** Parts of a page, one at a time; each has an address of its own, so that it can be sent to somebody. */
import type { ReactElement, ReactNode } from 'react';
import { Link } from 'wouter';

export interface Tab {
  /** Last part of the address; empty: the first tab. */
  path: string;
  title: string;
  content: () => ReactNode;
}

export function Tabs({
  label,
  base,
  current,
  tabs,
}: {
  label: string;
  base: string;
  current: string;
  tabs: readonly Tab[];
}): ReactElement {
  const shown = tabs.find(({ path }) => path === current) ?? tabs[0];
  return (
    <>
      <nav className="tabs" aria-label={label}>
        {tabs.map(({ path, title }) => (
          <Link
            key={path}
            href={path === '' ? base : `${base}/${path}`}
            aria-current={path === shown?.path ? 'page' : undefined}
          >
            {title}
          </Link>
        ))}
      </nav>
      {shown?.content()}
    </>
  );
}
