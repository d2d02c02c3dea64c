/** The history of a connection, which is read each time it is unfolded. */
import { useState } from "react";
import type { HistoryEntry, HistoryView } from "../../shared/wire";
import { dateAndTime } from "../money";
import { Skeleton, TroubleNotice } from "../parts";
import { useReading } from "../polling";

export function History({ connectionId, platformName }: { connectionId: string; platformName: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details className="history" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        What happened<span className="hidden"> to {platformName}</span>
      </summary>
      {open && <Entries connectionId={connectionId} platformName={platformName} />}
    </details>
  );
}

function Entries({ connectionId, platformName }: { connectionId: string; platformName: string }) {
  const { data, trouble, again } = useReading<HistoryView>(`/api/history/${connectionId}`, () => true);
  if (!data) return trouble ? <TroubleNotice trouble={trouble} onAgain={again} /> : <Skeleton lines={3} label="Looking at what happened" />;
  if (data.entries.length === 0) return <p className="soft">Nothing has happened yet.</p>;
  return (
    <>
      <ol className="history-entries">
        {data.entries.map((entry) => (
          <li key={entry.id}>
            <span className="history-title">{entry.title}</span>
            <span className="history-when">
              <time dateTime={entry.occurred}>{dateAndTime(entry.occurred)}</time> · {actorOf(entry, platformName)}
            </span>
            {entry.reason && <span className="history-why">{entry.reason}</span>}
          </li>
        ))}
      </ol>
      {data.total > data.entries.length && (
        <p className="fine">
          The latest {data.entries.length} of {data.total}. All of them are under Manage connections.
        </p>
      )}
    </>
  );
}

function actorOf({ actor }: HistoryEntry, platformName: string): string {
  switch (actor) {
    case "customer":
      return "by you";
    case "client":
      return "by Tidewell";
    case "platform":
      return `by ${platformName}`;
    case "moorline":
      return "automatically";
  }
}
