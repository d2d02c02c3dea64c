/** The frame around the pages, with the signed-in merchant, the current page and the state of the network. */
import { useEffect, useState } from "react";
import type { ConnectionsView, Merchant, Session } from "../shared/wire";
import { post } from "./api";
import { ConnectPage } from "./pages/ConnectPage";
import { DataPage } from "./pages/DataPage";
import { FunnelPage } from "./pages/FunnelPage";
import { LinkedPage } from "./pages/LinkedPage";
import { OverviewPage } from "./pages/OverviewPage";
import { WelcomePage } from "./pages/WelcomePage";
import { go, Link, type Path, usePath } from "./navigation";
import { Logo, Notice, Skeleton, TroubleNotice } from "./parts";
import { useReading } from "./polling";
import { LanguageChoice } from "./words/LanguageChoice";
import { words } from "./words/speech";

const STEPS = [
  { path: "/connect", name: "connect" },
  { path: "/data", name: "data" },
  { path: "/overview", name: "overview" },
] as const satisfies { path: Path; name: string }[];

export function App() {
  const path = usePath();
  const { data: session, trouble, again } = useReading<Session>("/api/session");
  const [merchant, setMerchant] = useState<Merchant | null>();
  const offline = useOffline();

  useEffect(() => {
    if (session) setMerchant(session.merchant);
  }, [session]);

  const leave = async () => {
    await post("/api/sign-out").catch(() => undefined);
    setMerchant(null);
    go("/");
  };

  if (path === "/linked") {
    return (
      <Frame offline={offline} merchant={null} path={path} onLeave={leave}>
        <LinkedPage />
      </Frame>
    );
  }

  if (path === "/funnel") {
    return (
      <Frame offline={offline} merchant={null} path={path} onLeave={leave}>
        <FunnelPage />
      </Frame>
    );
  }

  return (
    <Frame offline={offline} merchant={merchant ?? null} path={path} onLeave={leave}>
      {session && merchant !== undefined ? (
        <Page path={path} merchant={merchant} platformUrl={session.platformUrl} onSignUp={setMerchant} onLeave={leave} />
      ) : trouble ? (
        <TroubleNotice trouble={trouble} onAgain={again} />
      ) : (
        <Skeleton lines={4} label={words.frame.opening} />
      )}
    </Frame>
  );
}

interface PageProps {
  path: string;
  merchant: Merchant | null;
  platformUrl: string;
  onSignUp: (merchant: Merchant) => void;
  onLeave: () => void;
}

function Page({ path, merchant, platformUrl, onSignUp, onLeave }: PageProps) {
  const known = path === "/" || STEPS.some((step) => step.path === path);
  useEffect(() => {
    if (!known || (!merchant && path !== "/")) go("/", { replace: true });
  }, [known, merchant, path]);

  if (!merchant) {
    return (
      <WelcomePage
        onSignUp={(created) => {
          onSignUp(created);
          go("/connect");
        }}
      />
    );
  }
  switch (path) {
    case "/connect":
      return <ConnectPage platformUrl={platformUrl} onLeave={onLeave} />;
    case "/data":
      return <DataPage onLeave={onLeave} />;
    case "/overview":
      return <OverviewPage merchant={merchant} platformUrl={platformUrl} onLeave={onLeave} />;
    default:
      return <LastPage onLeave={onLeave} />;
  }
}

/** Leads a returning merchant to the overview, or to the choice of platforms while nothing is connected. */
function LastPage({ onLeave }: { onLeave: () => void }) {
  const { data, trouble, again } = useReading<ConnectionsView>("/api/connections");
  useEffect(() => {
    if (data) go(data.connections.some(({ status }) => status !== "PendingAuth") ? "/overview" : "/connect", { replace: true });
  }, [data]);
  return trouble ? <TroubleNotice trouble={trouble} onAgain={again} onLeave={onLeave} /> : <Skeleton lines={4} label={words.frame.openingApplication} />;
}

interface FrameProps {
  offline: boolean;
  merchant: Merchant | null;
  path: string;
  onLeave: () => void;
  children: React.ReactNode;
}

function Frame({ offline, merchant, path, onLeave, children }: FrameProps) {
  const bare = path === "/linked";
  return (
    <>
      <a className="skip" href="#content">
        {words.frame.skip}
      </a>
      <header className="top">
        <div className="top-inner">
          {bare ? (
            <span className="home">
              <Logo />
            </span>
          ) : (
            <Link to="/" className="home" aria-label={words.frame.home}>
              <Logo />
            </Link>
          )}
          {merchant && (
            <>
              <nav aria-label={words.frame.application}>
                <ol className="steps">
                  {STEPS.map((step) => (
                    <li key={step.path}>
                      <Link to={step.path} aria-current={path === step.path ? "page" : undefined}>
                        {words.frame[step.name]}
                      </Link>
                    </li>
                  ))}
                </ol>
              </nav>
              <div className="who">
                <span className="who-name" dir="auto">
                  {merchant.businessName}
                </span>
                <button type="button" className="quiet" onClick={onLeave}>
                  {words.frame.signOut}
                </button>
              </div>
            </>
          )}
        </div>
      </header>
      <main id="content" tabIndex={-1} className={bare ? "page narrow" : "page"}>
        <div role="status">{offline && <Notice tone="bad" title={words.frame.offlineTitle} body={words.frame.offlineBody} />}</div>
        {children}
      </main>
      {!bare && (
        <footer className="bottom">
          <div className="bottom-inner">
            <p>
              {words.frame.fiction} <Link to="/funnel">{words.frame.staff}</Link>
            </p>
            <LanguageChoice />
          </div>
        </footer>
      )}
    </>
  );
}

function useOffline(): boolean {
  const [offline, setOffline] = useState(!navigator.onLine);
  useEffect(() => {
    const look = () => setOffline(!navigator.onLine);
    window.addEventListener("online", look);
    window.addEventListener("offline", look);
    return () => {
      window.removeEventListener("online", look);
      window.removeEventListener("offline", look);
    };
  }, []);
  return offline;
}
