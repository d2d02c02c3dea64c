/** Small parts that several pages share. */
import { type ReactNode, useState } from "react";
import type { ConnectionStatus, Picture } from "../shared/wire";
import type { Trouble } from "./api";
import { fill, words } from "./words/speech";

export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 150 32" width="150" height="32" role="img" aria-label="Tidewell">
      <Mark />
      <text x="42" y="24">
        Tidewell
      </text>
    </svg>
  );
}

/** The sun over the tide in a well. */
function Mark() {
  return (
    <>
      <circle cx="16" cy="16" r="16" className="mark-sky" />
      <path d="M.6 20.4c3.600-4.300 7-4.300 10.300-1.200s6.700 3.100 10 0 6.900-3.300 10.600.7A16 16 0 0 1 .6 20.4z" className="mark-tide" />
      <path d="M3.400 25.800c3-3 5.800-2.600 8.400-.4s5.700 2.200 8.400 0 5.400-2.600 8.400.4A16 16 0 0 1 3.400 25.800z" className="mark-foam" />
      <circle cx="21.500" cy="9.800" r="3.100" className="mark-sun" />
    </>
  );
}

const ICONS = {
  done: "M5 10.500l3.400 3.400L15.500 6.500",
  failed: "M10 2.300a7.700 7.700 0 1 0 0 15.400 7.700 7.700 0 0 0 0-15.400zM10 6.200v4.600M10 13.700v.1",
  waiting: "M10 2.300a7.700 7.700 0 1 0 0 15.400 7.700 7.700 0 0 0 0-15.400zM10 6v4.200l2.600 1.600",
  unavailable: "M6 10h8",
  arrow: "M4.500 10h11M11 5.500l4.500 4.500-4.500 4.500",
  close: "M5.500 5.500l9 9M14.500 5.500l-9 9",
} as const;

export function Icon({ name }: { name: keyof typeof ICONS }) {
  return (
    <svg className={`icon icon-${name}`} viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
      <path d={ICONS[name]} />
    </svg>
  );
}

interface NoticeProps {
  tone: "good" | "plain" | "bad";
  title: string;
  body?: ReactNode;
  children?: ReactNode;
}

export function Notice({ tone, title, body, children }: NoticeProps) {
  return (
    <div className={`notice notice-${tone}`}>
      <Icon name={tone === "good" ? "done" : tone === "bad" ? "failed" : "waiting"} />
      <div>
        <p className="notice-title">{title}</p>
        {body && <p>{body}</p>}
        {children && <div className="actions">{children}</div>}
      </div>
    </div>
  );
}

interface TroubleNoticeProps {
  trouble: Trouble;
  onAgain?: () => void;
  onLeave?: () => void;
}

/** A failure with its next step: a new application if this one has ended, else another try. */
export function TroubleNotice({ trouble, onAgain, onLeave }: TroubleNoticeProps) {
  const over = trouble.kind === "company_gone" || trouble.kind === "signed_out";
  const { noConnection, ended, failed } = words.parts;
  const title = trouble.kind === "offline" ? noConnection : over ? ended : failed;
  return (
    <div role="alert">
      <Notice tone="bad" title={title} body={trouble.theirs ? <Theirs>{trouble.message}</Theirs> : trouble.message}>
        {over && onLeave && (
          <button type="button" className="button" onClick={onLeave}>
            {words.parts.startNew}
          </button>
        )}
        {!over && onAgain && (
          <button type="button" className="button secondary" onClick={onAgain}>
            {words.parts.again}
          </button>
        )}
        {trouble.correlationId && <span className="fine">{fill(words.parts.reference, { id: trouble.correlationId })}</span>}
      </Notice>
    </div>
  );
}

/** A sentence of the platform's own, which it writes in English. */
export function Theirs({ children }: { children: ReactNode }) {
  return (
    <span lang="en" dir="ltr">
      {children}
    </span>
  );
}

/** A text of the words, with what stands between asterisks set apart. */
export function SetApart({ text, as: Element }: { text: string; as: "em" | "strong" }) {
  return text.split("*").map((part, i) => (i % 2 ? <Element key={i}>{part}</Element> : part));
}

export function Skeleton({ lines, label }: { lines: number; label: string }) {
  return (
    <div className="skeleton" role="status">
      <span className="hidden">{label}</span>
      {Array.from({ length: lines }, (_, i) => (
        <span key={i} className="skeleton-line" />
      ))}
    </div>
  );
}

/** A platform's square logo, without a text alternative because the name is always beside it. */
export function PlatformLogo({ logo, name }: { logo: Picture | null; name: string }) {
  const [broken, setBroken] = useState(false);
  return logo && !broken ? (
    <img className="platform-logo" src={logo.src} alt="" width="44" height="44" onError={() => setBroken(true)} />
  ) : (
    <span className="platform-logo platform-initial" aria-hidden="true">
      {name.slice(0, 1)}
    </span>
  );
}

const TONES: Record<ConnectionStatus, string> = { Linked: "good", PendingAuth: "plain", Unlinked: "plain", Deauthorized: "bad" };

export function StatusBadge({ status }: { status: ConnectionStatus }) {
  return <span className={`badge badge-${TONES[status]}`}>{words.status[status]}</span>;
}
