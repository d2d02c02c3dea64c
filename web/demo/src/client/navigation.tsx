/** Paths of the pages, and navigation between them without a reload. */
import { type AnchorHTMLAttributes, type MouseEvent, type ReactNode, useEffect, useRef, useSyncExternalStore } from "react";

export type Path = "/" | "/connect" | "/data" | "/overview" | "/linked" | "/funnel";

const listeners = new Set<() => void>();
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  window.addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("popstate", listener);
  };
};

export const usePath = () => useSyncExternalStore(subscribe, () => window.location.pathname);

export function go(path: Path, { replace = false } = {}): void {
  if (replace) window.history.replaceState(null, "", path);
  else window.history.pushState(null, "", path);
  for (const listener of listeners) listener();
}

export function Link({ to, ...rest }: { to: Path } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return <a href={to} onClick={follow} {...rest} />;
}

let shown: string | undefined;

/** A page's heading, which sets the window's title and gets the focus after a change of page. */
export function PageTitle({ title, children }: { title: string; children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Tidewell`;
    const path = window.location.pathname;
    if (shown !== undefined && shown !== path) {
      window.scrollTo(0, 0);
      heading.current?.focus({ preventScroll: true });
    }
    shown = path;
  }, [title]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children ?? title}
    </h1>
  );
}
