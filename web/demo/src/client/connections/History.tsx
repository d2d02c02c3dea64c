/** The history of a connection, which is read each time it is unfolded. */
import { useState } from "react";
import type { HistoryEntry, HistoryView } from "../../shared/wire";
import { Skeleton, Theirs, TroubleNotice } from "../parts";
import { useReading } from "../polling";
import { dateAndTime, number } from "../words/money";
import { fill, words } from "../words/speech";

export function History({ connectionId, platformName }: { connectionId: string; platformName: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details className="history" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span aria-hidden="true">{words.history.title}</span>
        <span className="hidden">{fill(words.history.to, { platform: platformName })}</span>
      </summary>
      {open && <Entries connectionId={connectionId} platformName={platformName} />}
    </details>
  );
}

function Entries({ connectionId, platformName }: { connectionId: string; platformName: string }) {
  const { data, trouble, again } = useReading<HistoryView>(`/api/history/${connectionId}`, () => true);
  if (!data) return trouble ? <TroubleNotice trouble={trouble} onAgain={again} /> : <Skeleton lines={3} label={words.history.looking} />;
  if (data.entries.length === 0) return <p className="soft">{words.history.none}</p>;
  return (
    <>
      <ol className="history-entries">
        {data.entries.map((entry) => (
          <li key={entry.id}>
            <span className="history-title"><Theirs>{entry.title}</Theirs></span>
            <span className="history-when">
              <time dateTime={entry.occurred}>{dateAndTime(entry.occurred)}</time> · {actorOf(entry, platformName)}
            </span>
            {entry.reason && (
              <span className="history-why">
                <Theirs>{entry.reason}</Theirs>
              </span>
            )}
          </li>
        ))}
      </ol>
      {data.total > data.entries.length && (
        <p className="fine">
          {fill(words.history.latest, { shown: number(data.entries.length), total: number(data.total) })}
        </p>
      )}
    </>
  );
}

const actorOf = ({ actor }: HistoryEntry, platformName: string) => fill(words.history[actor], { platform: platformName });
