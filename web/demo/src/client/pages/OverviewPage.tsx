/** The figures of every connection, and a way to manage the connections. */
import { useCallback, useRef, useState } from "react";
import type { ConnectionView, Figures, Merchant, Part, SyncView } from "../../shared/wire";
import { asTrouble, messageOf, post, type Trouble } from "../api";
import { AgeingFigure } from "../charts/Ageing";
import { BalancesFigure } from "../charts/Balances";
import { CashFigure } from "../charts/Cash";
import { CustomersFigure } from "../charts/Customers";
import { SalesFigure } from "../charts/Sales";
import { ManageConnections } from "../connections/ManageConnections";
import { Link, PageTitle } from "../navigation";
import { Notice, PlatformLogo, Skeleton, StatusBadge, Theirs, TroubleNotice } from "../parts";
import { useReading } from "../polling";
import { fill, words } from "../words/speech";

interface OverviewPageProps {
  merchant: Merchant;
  platformUrl: string;
  onLeave: () => void;
}

export function OverviewPage({ merchant, platformUrl, onLeave }: OverviewPageProps) {
  const { data, trouble, again } = useReading<SyncView>("/api/sync", ({ settled }) => !settled);
  const [managing, setManaging] = useState(false);
  const [refreshing, setRefreshing] = useState(false);
  const [failure, setFailure] = useState<Trouble>();
  const opener = useRef<HTMLButtonElement>(null);

  const refresh = async () => {
    setRefreshing(true);
    setFailure(undefined);
    try {
      await post("/api/sync/refresh");
    } catch (error) {
      setFailure(asTrouble(error));
    }
    setRefreshing(false);
    again();
  };

  const closed = useCallback(() => {
    setManaging(false);
    again();
    opener.current?.focus();
  }, [again]);

  const connections = data?.connections ?? [];
  return (
    <>
      <div className="page-head with-actions">
        <div>
          <PageTitle title={words.frame.overview}>
            <span dir="auto">{merchant.businessName}</span>
          </PageTitle>
          <p className="lede">{words.overview.lede}</p>
          <p className="fine">{fill(words.overview.number, { number: merchant.id })}</p>
        </div>
        {connections.length > 0 && (
          <div className="actions">
            <button type="button" className="button secondary" onClick={() => void refresh()} disabled={refreshing || data?.settled === false}>
              {refreshing || data?.settled === false ? words.parts.refreshing : words.parts.refresh}
            </button>
            <button ref={opener} type="button" className="button" onClick={() => setManaging(true)}>
              {words.parts.manage}
            </button>
          </div>
        )}
      </div>

      {failure && <TroubleNotice trouble={failure} onLeave={onLeave} />}
      {trouble && <TroubleNotice trouble={trouble} onAgain={again} onLeave={onLeave} />}
      {!data && !trouble && <Skeleton lines={8} label={words.overview.reading} />}
      {data && connections.length === 0 && (
        <Notice tone="plain" title={words.overview.noneTitle} body={words.overview.noneBody}>
          <Link to="/connect" className="button">
            {words.parts.choose}
          </Link>
        </Notice>
      )}
      {data && !data.settled && (
        <Notice tone="plain" title={words.overview.comingTitle} body={words.overview.comingBody}>
          <Link to="/data" className="button quiet">
            {words.overview.watch}
          </Link>
        </Notice>
      )}

      {connections.map((connection) => (
        <Source key={connection.id} connection={connection} version={versionOf(connection.datasets)} onManage={() => setManaging(true)} />
      ))}

      {managing && <ManageConnections platformUrl={platformUrl} onClosed={closed} />}
    </>
  );
}

/** A text that changes when a data type of the connection arrives. */
const versionOf = (datasets: SyncView["connections"][number]["datasets"]) =>
  datasets.map(({ dataType, phase, lastSuccess }) => `${dataType}=${phase === "done" ? lastSuccess : ""}`).join();

interface SourceProps {
  connection: ConnectionView;
  version: string;
  onManage: () => void;
}

function Source({ connection, version, onManage }: SourceProps) {
  const { id, platformName, logo, status } = connection;
  const shown = useRef<{ version: string; figures: Figures }>(undefined);
  const { data, trouble, again } = useReading<Figures>(`/api/figures/${id}?for=${hash(version)}`);
  if (data) shown.current = { version, figures: data };
  // The former figures stay in sight until the new ones arrive.
  const figures = data ?? shown.current?.figures;

  return (
    <section className="figures" aria-labelledby={`figures-${id}`}>
      <div className="figures-head">
        <PlatformLogo logo={logo} name={platformName} />
        <h2 id={`figures-${id}`}>{platformName}</h2>
        <StatusBadge status={status} />
      </div>
      {status !== "Linked" && (
        <Notice
          tone={status === "Deauthorized" ? "bad" : "plain"}
          title={fill(status === "Deauthorized" ? words.overview.lostTitle : words.overview.disconnectedTitle, { platform: platformName })}
          body={status === "Deauthorized" ? words.overview.lostBody : words.overview.disconnectedBody}
        >
          <button type="button" className="button secondary" onClick={onManage}>
            {words.parts.manage}
          </button>
        </Notice>
      )}
      {trouble && !figures && <TroubleNotice trouble={trouble} onAgain={again} />}
      {!figures && !trouble && <Skeleton lines={5} label={fill(words.overview.working, { platform: platformName })} />}
      {figures?.kind === "Accounting" && (
        <div className="grid">
          <Slot part={figures.cash} title={words.overview.cash} again={again} wide>
            {(cash) => <CashFigure series={cash} />}
          </Slot>
          <Slot part={figures.receivables} title={words.overview.receivables} again={again}>
            {(receivables) => <AgeingFigure receivables={receivables} asOf={figures.asOf} />}
          </Slot>
          <Slot part={figures.customers} title={words.overview.customers} again={again}>
            {(customers) => <CustomersFigure customers={customers} />}
          </Slot>
        </div>
      )}
      {figures?.kind === "Banking" && (
        <div className="grid">
          <Slot part={figures.cash} title={words.overview.cash} again={again} wide>
            {(cash) => <CashFigure series={cash} />}
          </Slot>
          <Slot part={figures.accounts} title={words.overview.balances} again={again} wide>
            {(accounts) => <BalancesFigure {...accounts} />}
          </Slot>
        </div>
      )}
      {figures?.kind === "Commerce" && (
        <div className="grid">
          <Slot part={figures.sales} title={words.overview.sales} again={again} wide>
            {(sales) => <SalesFigure series={sales} />}
          </Slot>
        </div>
      )}
    </section>
  );
}

interface SlotProps<T> {
  part: Part<T>;
  title: string;
  again: () => void;
  wide?: boolean;
  children: (value: T) => React.ReactNode;
}

function Slot<T>({ part, title, again, wide, children }: SlotProps<T>) {
  const empty = part.state === "ready" && Array.isArray(part.value) && part.value.length === 0;
  return (
    <article className={wide ? "card slot slot-wide" : "card slot"}>
      <h3>{title}</h3>
      {part.state === "ready" && !empty && children(part.value)}
      {empty && <p className="soft">{words.overview.empty}</p>}
      {part.state === "pending" && <p className="soft">{words.overview.pending}</p>}
      {part.state === "unsupported" && <p className="soft">{words.overview.unsupported}</p>}
      {part.state === "failed" && (
        <>
          <p className="soft">{part.key ? messageOf(part) : <Theirs>{part.message}</Theirs>}</p>
          <button type="button" className="button secondary small" onClick={again}>
            {words.parts.again}
          </button>
        </>
      )}
    </article>
  );
}

/** A short text for an address, by which one reading differs from the next; the server ignores it. */
function hash(value: string): string {
  let h = 0;
  for (let i = 0; i < value.length; i += 1) h = (Math.imul(h, 31) + value.charCodeAt(i)) | 0;
  return (h >>> 0).toString(36);
}
