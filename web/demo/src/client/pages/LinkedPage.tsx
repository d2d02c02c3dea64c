/** The page to which a merchant returns from a platform, in the window that Tidewell opened. */
import { useEffect, useState } from "react";
import type { LinkOutcome, LinkResult } from "../../shared/wire";
import { asTrouble, post, type Trouble } from "../api";
import { Link, PageTitle } from "../navigation";
import { Icon, Skeleton, TroubleNotice } from "../parts";
import { hint } from "../polling";
import { words } from "../words/speech";
import { outcomeWords } from "../words/texts";

const BY_CODE: Record<string, LinkOutcome> = { "200": "unconfirmed", "201": "unchanged", "403": "cancelled", "501": "unsupported" };

let sent: { search: string; result: Promise<LinkResult> } | undefined;

/** Reports a return once, even if the page is drawn several times. */
function report(search: string): Promise<LinkResult> {
  if (sent?.search !== search) {
    const query = new URLSearchParams(search);
    const field = (name: string) => query.get(name) ?? "";
    sent = {
      search,
      result: post<LinkResult>("/api/link-results", {
        companyId: field("companyId"),
        connectionId: field("connectionId"),
        statusCode: field("statusCode"),
      }),
    };
  }
  return sent.result;
}

export function LinkedPage() {
  const [result, setResult] = useState<Pick<LinkResult, "outcome" | "platformName" | "reason">>();
  const [trouble, setTrouble] = useState<Trouble>();
  const [round, setRound] = useState(0);

  useEffect(() => {
    let shown = true;
    report(window.location.search).then(
      (answer) => {
        hint();
        if (shown) setResult(answer);
      },
      (error: unknown) => {
        if (!shown) return;
        const found = asTrouble(error);
        if (found.kind === "signed_out") {
          // Not the browser that began: only the code is known, so success stays unconfirmed.
          const code = new URLSearchParams(window.location.search).get("statusCode") ?? "";
          setResult({ outcome: BY_CODE[code] ?? "failed", platformName: null, reason: null });
        } else setTrouble(found);
      },
    );
    return () => {
      shown = false;
    };
  }, [round]);

  const again = () => {
    sent = undefined;
    setTrouble(undefined);
    setRound(round + 1);
  };

  if (trouble) return <TroubleNotice trouble={trouble} onAgain={again} />;
  if (!result) return <Skeleton lines={3} label={words.outcome.checking} />;
  const { tone, title, body, next } = outcomeWords(result.outcome, result.platformName, result.reason);
  return (
    <section className="card outcome">
      <span className={`outcome-mark outcome-${tone}`}>
        <Icon name={tone === "good" ? "done" : tone === "bad" ? "failed" : "unavailable"} />
      </span>
      <PageTitle title={title} />
      <p>{body}</p>
      <p>{next}</p>
      <Close to={result.outcome === "linked" ? "/data" : "/connect"} />
    </section>
  );
}

/** Closes a window that a script opened; browsers keep any other window open, so it also offers a link. */
function Close({ to }: { to: "/data" | "/connect" }) {
  const [stays, setStays] = useState(false);
  const close = () => {
    window.close();
    setTimeout(() => setStays(true), 300);
  };
  return (
    <>
      <button type="button" className="button wide" onClick={close}>
        {words.outcome.close}
      </button>
      <div role="status">
        {stays && <p className="soft">{words.outcome.stays}</p>}
      </div>
      <Link to={to} className="soft-link">
        {words.outcome.goOn}
      </Link>
    </>
  );
}
