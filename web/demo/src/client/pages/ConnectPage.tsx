/** The choice of a platform, its authorisation in a window of its own, and the outcome. */
import { useEffect, useId, useRef, useState } from "react";
import type { ConnectionsView, ConnectionView, LinkOutcome, LinkResult, LinkStart, Platform } from "../../shared/wire";
import { asTrouble, post, type Trouble } from "../api";
import { ConnectHere } from "../connections/ConnectHere";
import { go, Link, PageTitle } from "../navigation";
import { Icon, Notice, PlatformLogo, Skeleton, StatusBadge, TroubleNotice } from "../parts";
import { useReading } from "../polling";
import { counted, fill, words } from "../words/speech";
import { outcomeWords, SOURCE_TYPES } from "../words/texts";

/** The number of platforms, more than fit on a screen, from which on there is a search. */
const SEARCH_FROM = 9;
/** The number of platforms of each kind up to which the kinds are side by side. */
const FEW = 2;

interface Attempt {
  platform: Platform;
  linkUrl: string | null;
  connectionId: string | null;
  blocked: boolean;
  /** The sequence of the newest result before this attempt; any later result is this attempt's. */
  since: number;
  wasLinked: boolean;
}

interface Ended {
  outcome: LinkOutcome;
  platform: Platform;
  reason: string | null;
}

export function ConnectPage({ platformUrl, onLeave }: { platformUrl: string; onLeave: () => void }) {
  const platforms = useReading<{ platforms: Platform[] }>("/api/platforms");
  const [attempt, setAttempt] = useState<Attempt>();
  const [ended, setEnded] = useState<Ended>();
  const [trouble, setTrouble] = useState<Trouble>();
  const [search, setSearch] = useState("");
  const [here, setHere] = useState(false);
  const opened = useRef<Window | null>(null);
  const panel = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const searchId = useId();
  const waiting = attempt?.linkUrl != null;
  // The window's own messages get lost on the way through other sites, so the server is the only signal.
  const { data, trouble: listTrouble, again } = useReading<ConnectionsView>("/api/connections", () => waiting, 3_000);

  useEffect(() => {
    if (waiting) again();
  }, [waiting, again]);

  useEffect(() => {
    if (!data || !attempt?.linkUrl) return;
    const end = endOf(data, attempt);
    if (!end) return;
    setAttempt(undefined);
    if (end.outcome === "linked") {
      go("/data");
      return;
    }
    setEnded({ outcome: end.outcome, reason: end.reason, platform: attempt.platform });
  }, [data, attempt]);

  useEffect(() => {
    if (attempt || ended) panel.current?.focus();
  }, [attempt?.platform.key, ended]);

  const begin = async (platform: Platform) => {
    // Within the click, because browsers block windows that open later.
    const child = window.open("", "_blank", "popup,width=560,height=820");
    opened.current?.close();
    opened.current = child;
    if (child) prepare(child, platform.name);
    setTrouble(undefined);
    setEnded(undefined);
    const known = data?.connections.filter(({ platformKey }) => platformKey === platform.key) ?? [];
    const started: Attempt = {
      platform,
      linkUrl: null,
      connectionId: null,
      blocked: child === null,
      since: data?.lastResult?.sequence ?? 0,
      wasLinked: false,
    };
    setAttempt(started);
    try {
      const { connectionId, linkUrl } = await post<LinkStart>("/api/connections", { platformKey: platform.key });
      setAttempt({
        ...started,
        connectionId,
        linkUrl,
        wasLinked: known.some(({ id, status }) => id === connectionId && status === "Linked"),
      });
      if (child) child.location.href = linkUrl;
    } catch (error) {
      child?.close();
      setAttempt(undefined);
      setTrouble(asTrouble(error));
    }
  };

  const closed = (finished: boolean) => {
    setHere(false);
    again();
    if (finished) go("/data");
    else opener.current?.focus();
  };

  const stop = () => {
    opened.current?.close();
    opened.current = null;
    setAttempt(undefined);
  };

  const all = platforms.data?.platforms;
  const failure = platforms.trouble && !all ? platforms : listTrouble && !data ? { trouble: listTrouble, again } : undefined;
  const connected = data?.connections.filter(({ status }) => status !== "PendingAuth") ?? [];
  const wanted = search.trim().toLowerCase();
  const most = Math.max(...SOURCE_TYPES.map((type) => all?.filter(({ sourceType }) => sourceType === type).length ?? 0));
  const matches = all?.filter(({ name }) => name.toLowerCase().includes(wanted)) ?? [];

  return (
    <>
      <div className="page-head with-actions">
        <div>
          <PageTitle title={words.connect.title} />
          <p className="lede">{words.connect.lede}</p>
        </div>
        <div className="actions">
          <button ref={opener} type="button" className="button" onClick={() => setHere(true)}>
            {words.connect.here}
          </button>
        </div>
      </div>
      {here && <ConnectHere platformUrl={platformUrl} onClosed={closed} />}

      <div ref={panel} tabIndex={-1} className="panel" aria-live="polite">
        {attempt && <Waiting attempt={attempt} onReopen={() => void begin(attempt.platform)} onStop={stop} />}
        {ended && <EndedNotice ended={ended} onRetry={() => void begin(ended.platform)} />}
      </div>
      {trouble && <TroubleNotice trouble={trouble} onLeave={onLeave} />}

      {failure ? (
        <TroubleNotice trouble={failure.trouble as Trouble} onAgain={failure.again} onLeave={onLeave} />
      ) : !all || !data ? (
        <Skeleton lines={6} label={words.connect.reading} />
      ) : all.length === 0 ? (
        <Notice tone="plain" title={words.connect.noneTitle} body={words.connect.noneBody} />
      ) : (
        <>
          {connected.length > 0 && <Connected connections={connected} />}
          {all.length >= SEARCH_FROM && (
            <div className="field search">
              <label htmlFor={searchId}>{words.connect.find}</label>
              <input id={searchId} type="search" value={search} onChange={(event) => setSearch(event.target.value)} />
              <p className="hidden" role="status">
                {wanted ? counted(matches.length, words.connect.found) : ""}
              </p>
            </div>
          )}
          {matches.length === 0 && (
            <Notice tone="plain" title={words.connect.noMatchTitle} body={words.connect.noMatchBody} />
          )}
          <div className={most <= FEW ? "groups-few" : undefined}>
            {SOURCE_TYPES.map((type) => {
              const { title, why } = words.connect.kinds[type];
              const group = matches.filter(({ sourceType }) => sourceType === type);
              const books =
                type === "Accounting" ? connected.find(({ sourceType, status }) => sourceType === type && status === "Linked") : undefined;
              return (
                group.length > 0 && (
                  <section key={type} className="group" aria-labelledby={`group-${type}`}>
                    <h2 id={`group-${type}`}>{title}</h2>
                    <p className="soft">
                      {books ? fill(words.connect.books, { platform: books.platformName }) : why}
                    </p>
                    <ul className="platforms">
                      {group.map((platform) => (
                        <PlatformCard
                          key={platform.key}
                          platform={platform}
                          linked={connected.some(({ platformKey, status }) => platformKey === platform.key && status === "Linked")}
                          closed={books !== undefined}
                          busy={attempt !== undefined && attempt.linkUrl === null}
                          onChoose={() => void begin(platform)}
                        />
                      ))}
                    </ul>
                  </section>
                )
              );
            })}
          </div>
        </>
      )}
    </>
  );
}

/** The ending of this attempt by the server's records; undefined while it is under way. */
function endOf(data: ConnectionsView, attempt: Attempt): Pick<LinkResult, "outcome" | "reason"> | undefined {
  const status = data.connections.find(({ id }) => id === attempt.connectionId)?.status;
  if (status === "Linked" && !attempt.wasLinked) return { outcome: "linked", reason: null };
  const { lastResult } = data;
  // "Unconfirmed" may still become Linked, so it doesn't end the wait.
  if (!lastResult || lastResult.sequence <= attempt.since || lastResult.outcome === "unconfirmed") return undefined;
  return lastResult;
}

/** Fills the new window until the link is known, and removes its opener before it goes to another site. */
function prepare(child: Window, name: string): void {
  const { document } = child;
  document.documentElement.lang = words.lang;
  document.documentElement.dir = words.dir;
  const opening = fill(words.connect.opening, { platform: name });
  document.title = opening;
  const scheme = document.createElement("meta");
  scheme.name = "color-scheme";
  scheme.content = "light dark";
  const text = document.createElement("p");
  text.textContent = opening;
  document.head.append(scheme);
  document.body.append(text);
  child.opener = null;
}

function Waiting({ attempt, onReopen, onStop }: { attempt: Attempt; onReopen: () => void; onStop: () => void }) {
  const say = (text: string) => fill(text, { platform: attempt.platform.name });
  if (!attempt.linkUrl) return <Notice tone="plain" title={say(words.connect.opening)} body={words.connect.moment} />;
  if (attempt.blocked) {
    return (
      <Notice tone="plain" title={words.connect.blockedTitle} body={say(words.connect.blockedBody)}>
        <a className="button" href={attempt.linkUrl} target="_blank" rel="noopener noreferrer">
          {say(words.connect.open)}
        </a>
        <button type="button" className="button quiet" onClick={onStop}>
          {words.connect.notNow}
        </button>
      </Notice>
    );
  }
  return (
    <Notice tone="plain" title={say(words.connect.waitingTitle)} body={words.connect.waitingBody}>
      <button type="button" className="button secondary" onClick={onReopen}>
        {words.connect.reopen}
      </button>
      <button type="button" className="button quiet" onClick={onStop}>
        {words.connect.notNow}
      </button>
    </Notice>
  );
}

/** The outcome with its next step as a button; the texts about closing a window are for the other window. */
function EndedNotice({ ended, onRetry }: { ended: Ended; onRetry: () => void }) {
  const { tone, title, body } = outcomeWords(ended.outcome, ended.platform.name, ended.reason);
  const again = ended.outcome === "failed" || ended.outcome === "cancelled";
  return (
    <Notice tone={tone} title={title} body={body}>
      {again ? (
        <button type="button" className="button secondary" onClick={onRetry}>
          {fill(words.connect.againWith, { platform: ended.platform.name })}
        </button>
      ) : (
        <span className="soft">{words.connect.whenReady}</span>
      )}
    </Notice>
  );
}

function Connected({ connections }: { connections: ConnectionView[] }) {
  return (
    <section className="card connected" aria-labelledby="connected">
      <h2 id="connected">{words.connect.already}</h2>
      <ul>
        {connections.map((connection) => (
          <li key={connection.id}>
            <PlatformLogo logo={connection.logo} name={connection.platformName} />
            <span className="connected-name">{connection.platformName}</span>
            <StatusBadge status={connection.status} />
          </li>
        ))}
      </ul>
      <Link to="/data" className="button">
        {words.connect.seeData} <Icon name="arrow" />
      </Link>
    </section>
  );
}

interface PlatformCardProps {
  platform: Platform;
  linked: boolean;
  closed: boolean;
  busy: boolean;
  onChoose: () => void;
}

function PlatformCard({ platform, linked, closed, busy, onChoose }: PlatformCardProps) {
  const { name, logo, button, buttonHover, isBeta } = platform;
  const [broken, setBroken] = useState(false);
  const [hoverBroken, setHoverBroken] = useState(false);
  return (
    <li className="card platform">
      <div className="platform-head">
        <PlatformLogo logo={logo} name={name} />
        <div className="platform-name">
          <h3>{name}</h3>
          {linked ? <span className="badge badge-good">{words.status.Linked}</span> : isBeta && <span className="badge badge-plain">{words.connect.beta}</span>}
        </div>
      </div>
      {button && !broken ? (
        <button type="button" className="branded" aria-label={fill(words.connect.connectTo, { platform: name })} disabled={busy || closed} onClick={onChoose}>
          <img className="branded-rest" src={button.src} alt="" onError={() => setBroken(true)} />
          <img
            className="branded-hover"
            src={(buttonHover && !hoverBroken ? buttonHover : button).src}
            alt=""
            onError={() => setHoverBroken(true)}
          />
        </button>
      ) : (
        <button type="button" className="button secondary wide" disabled={busy || closed} onClick={onChoose}>
          {fill(words.connect.connectTo, { platform: name })}
        </button>
      )}
    </li>
  );
}
