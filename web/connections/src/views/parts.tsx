/** Small parts that the views share. */
import { Fragment, h, type ComponentChildren } from "preact";
import type { Connection } from "../server/api";
import type { SharedStrings } from "../locales/shared/en";
import { parseInline, type Inline } from "./markdown";
import type { Ui } from "./ui";

/** The part of a component's context that its pages need. */
export interface Frame {
  words: Pick<SharedStrings, "$back" | "$close">;
  /** Left out, no close button is drawn. */
  close?: (() => void) | undefined;
}

interface Branded {
  platformName: string;
  logoUrl?: string | null;
}

const CIRCLE = "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z";

const PATHS = {
  close: "M6 6l12 12M18 6L6 18",
  back: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  tick: "M5 12.5l4.5 4.5L19 7.5",
  alert: "M12 8v5m0 3v.01M12 3L2 20h20z",
  info: `M12 11v5m0-8v.01${CIRCLE}`,
  offline: `M6 6l12 12${CIRCLE}`,
  clock: `M12 7v5l3 2${CIRCLE}`,
  none: `M8 12h8${CIRCLE}`,
  window: "M14 4h6v6M20 4l-9 9M9 5H5v14h14v-4",
  anchor: "M12 8v13M12 8a2 2 0 1 0 0-5 2 2 0 0 0 0 5zM4 13c0 5 3 8 8 8s8-3 8-8M9 12h6",
};

type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return <Drawing d={PATHS[name]} size={size} />;
}

export function Drawing({ d, size }: { d: string; size: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <path d={d} />
    </svg>
  );
}

interface PageProps {
  ui: Frame;
  /** The heading in the bar, beside the close button. */
  title?: string | undefined;
  back?: () => void;
  busy?: boolean;
  children: ComponentChildren;
  /** Buttons that stay in sight below the scrolling part. */
  actions?: ComponentChildren;
}

export function Page({ ui, title, back, busy, children, actions }: PageProps) {
  return (
    <>
      <div class="bar">
        {back && (
          <button type="button" class="back" part="back" onClick={back}>
            <Icon name="back" />
            {ui.words.$back}
          </button>
        )}
        {title && <Title>{title}</Title>}
        {ui.close && (
          <button type="button" class="icon close" part="close" aria-label={ui.words.$close} onClick={ui.close}>
            <Icon name="close" />
          </button>
        )}
      </div>
      <div class="body enter" aria-busy={busy}>
        {children}
        {actions && <div class="actions">{actions}</div>}
      </div>
    </>
  );
}

/** The heading, which gets the focus when its view appears. */
export function Title({ children }: { children: ComponentChildren }) {
  return (
    <h2 part="title" tabIndex={-1}>
      {children}
    </h2>
  );
}

interface MessageProps {
  icon: IconName | "spin";
  tone?: "good" | "warn";
  title: string;
  children?: ComponentChildren;
}

/** The only content of a view, in the middle of the card. */
export function Message({ icon, tone, title, children }: MessageProps) {
  return (
    <div class="centre">
      <span class={`round ${tone ?? ""}`} aria-hidden="true">
        {icon === "spin" ? <span class="spin" /> : <Icon name={icon} size={30} />}
      </span>
      <Title>{title}</Title>
      {children}
    </div>
  );
}

interface ButtonProps {
  onClick: () => void;
  children: ComponentChildren;
  look?: "" | "primary" | "primary done" | "danger" | "danger strong";
  busy?: boolean;
}

export function Button({ onClick, children, look = "", busy }: ButtonProps) {
  return (
    <button
      type="button"
      class={`button ${look}`}
      part={`button ${look}`}
      // Not `disabled`, which would lose the focus.
      aria-disabled={busy ? "true" : undefined}
      onClick={() => busy || onClick()}
    >
      {busy && <span class="spin" aria-hidden="true" />}
      {children}
    </button>
  );
}

/** The way out of a view that has nothing to go back to. */
export function Done({ ui, onClick }: { ui: { words: Pick<SharedStrings, "$done"> }; onClick: () => void }) {
  return (
    <Button look="primary done" onClick={onClick}>
      {ui.words.$done}
    </Button>
  );
}

interface LogoProps {
  ui: { session: { api: { address: string | null } } };
  connection: Branded;
  large?: boolean;
  /** A further origin that it may be from. */
  from?: string;
}

/** The platform's logo; an initial replaces one from another origin or one that fails to load. */
export function Logo({ ui, connection, large, from }: LogoProps) {
  const { logoUrl, platformName } = connection;
  return (
    <span class={`logo ${large ? "large" : ""}`} part="logo" aria-hidden="true" data-initial={Array.from(platformName)[0]}>
      {logoUrl && isFrom(logoUrl, ui.session.api.address, from) && (
        <img key={logoUrl} src={logoUrl} alt="" onError={(event) => event.currentTarget.remove()} />
      )}
    </span>
  );
}

export function Badge({ ui, connection }: { ui: Ui; connection: Connection }) {
  return (
    <span class={`badge ${connection.status}`} part="badge">
      {ui.words[connection.status]}
    </span>
  );
}

/** A sentence of the platform's, which it writes in English. */
export function Theirs({ children }: { children: ComponentChildren }) {
  return (
    <p lang="en" dir="ltr">
      {children}
    </p>
  );
}

interface NoteProps {
  kind?: "warn" | "bad";
  title?: string;
  role?: "alert" | "status";
  children?: ComponentChildren;
}

/** Scrolls a note to a customer who has scrolled past its place; once, because the function stays the same. */
const intoSight = (note: HTMLElement | null) => note?.scrollIntoView({ block: "nearest" });

export function Note({ kind, title, role, children }: NoteProps) {
  return (
    <div class={`note ${kind ?? ""}`} part="note" role={role} ref={role && intoSight}>
      <Icon name={kind ? "alert" : "info"} />
      <div>
        {title && <h3>{title}</h3>}
        {children}
      </div>
    </div>
  );
}

export function Ticks({ items, two }: { items: ComponentChildren[]; two?: boolean }) {
  return (
    <ul class={`ticks ${two ? "two" : ""}`}>
      {items.map((item) => (
        <li>
          <Icon name="tick" size={16} />
          <span dir="auto">{item}</span>
        </li>
      ))}
    </ul>
  );
}

/** Entries of the host's lists: inline Markdown, built from nodes. */
export function markdown(texts: string[]): ComponentChildren[] {
  return texts.map((text) => parseInline(text).map(inline));
}

function inline(node: Inline): ComponentChildren {
  if (typeof node === "string") return node;
  const props = node.kind === "a" ? { href: node.href, target: "_blank", rel: "noopener noreferrer" } : null;
  return h(node.kind, props, node.children.map(inline));
}

/** True for a file of one of these origins: no third party is asked for one. */
export function isFrom(address: string, ...owners: (string | null | undefined)[]): boolean {
  try {
    const { origin } = new URL(address);
    return owners.some((owner) => origin === new URL(owner!).origin);
  } catch {
    return false;
  }
}
