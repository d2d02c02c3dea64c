/** The progress of the data, by connection and data type. */
import { useState } from "react";
import type { DatasetView, SyncView } from "../../shared/wire";
import { asTrouble, post, type Trouble } from "../api";
import { Checks } from "../connections/Checks";
import { History } from "../connections/History";
import { Link, PageTitle } from "../navigation";
import { Icon, Notice, PlatformLogo, Skeleton, StatusBadge, Theirs, TroubleNotice } from "../parts";
import { useReading } from "../polling";
import { dateAndTime, number } from "../words/money";
import { counted, dataTypeName, fill, words } from "../words/speech";
import { datasetWords } from "../words/texts";

export function DataPage({ onLeave }: { onLeave: () => void }) {
  const { data, trouble, again } = useReading<SyncView>("/api/sync", ({ settled, connections }) => !settled || connections.length === 0);
  const [failure, setFailure] = useState<Trouble>();

  const retry = async (dataType: string, connectionId: string) => {
    setFailure(undefined);
    try {
      await post("/api/sync/refresh", { dataType, connectionId });
    } catch (error) {
      setFailure(asTrouble(error));
    }
    again();
  };

  const connections = data?.connections ?? [];
  const datasets = connections.flatMap((connection) => connection.datasets);
  const done = datasets.filter(({ phase }) => phase === "done").length;
  const failed = datasets.filter(({ phase }) => phase === "failed").length;
  const expected = datasets.filter(({ phase }) => phase !== "unavailable").length;
  const settled = data?.settled === true && datasets.length > 0;
  const nothing = data !== undefined && connections.length === 0;
  const arrived = counted(done, words.data.arrived, { all: number(expected) });

  return (
    <>
      <div className="page-head">
        <PageTitle title={words.data[nothing ? "none" : !settled ? "onItsWay" : failed > 0 ? "someHere" : "here"]} />
        <p className="lede">
          {nothing
            ? words.data.noneLede
            : !settled
              ? words.data.waiting
              : failed > 0
                ? `${arrived}. ${counted(failed, words.data.failed)}`
                : words.data.allArrived}
        </p>
      </div>

      <p className="hidden" role="status">
        {datasets.length > 0 ? arrived : ""}
      </p>
      {failure && <TroubleNotice trouble={failure} />}
      {trouble && <TroubleNotice trouble={trouble} onAgain={again} onLeave={onLeave} />}

      {!data && !trouble && <Skeleton lines={8} label={words.data.looking} />}
      {nothing && (
        <Notice tone="plain" title={words.data.nothingTitle} body={words.data.nothingBody}>
          <Link to="/connect" className="button">
            {words.parts.choose}
          </Link>
        </Notice>
      )}

      {connections.map((connection) => (
        <section key={connection.id} className="card source" aria-labelledby={`source-${connection.id}`}>
          <div className="source-head">
            <PlatformLogo logo={connection.logo} name={connection.platformName} />
            <h2 id={`source-${connection.id}`}>{connection.platformName}</h2>
            <StatusBadge status={connection.status} />
            <Share datasets={connection.datasets} name={connection.platformName} />
          </div>
          {connection.datasets.length === 0 ? (
            <p className="soft">{fill(words.data.waitingFor, { platform: connection.platformName })}</p>
          ) : (
            <ul className="datasets">
              {connection.datasets.map((dataset) => (
                <Dataset
                  key={dataset.dataType}
                  dataset={dataset}
                  platformName={connection.platformName}
                  onRetry={() => void retry(dataset.dataType, connection.id)}
                />
              ))}
            </ul>
          )}
          {isSettled(connection.datasets) && (
            <Checks connectionId={connection.id} platformName={connection.platformName} version={versionOf(connection.datasets)} />
          )}
          <History connectionId={connection.id} platformName={connection.platformName} />
        </section>
      ))}

      {connections.length > 0 && (
        <div className="actions page-actions">
          <Link to="/overview" className={settled ? "button" : "button secondary"}>
            {words.data.seeOverview} <Icon name="arrow" />
          </Link>
          <Link to="/connect" className="button quiet">
            {words.data.another}
          </Link>
        </div>
      )}
    </>
  );
}

/** True once every kind of data of a connection has arrived or failed: before that, sums would be of a part. */
const isSettled = (datasets: DatasetView[]) =>
  datasets.length > 0 && datasets.every(({ phase }) => phase !== "waiting" && phase !== "running");

/** The time of the newest data: it changes whenever some arrives. */
const versionOf = (datasets: DatasetView[]) => datasets.reduce((newest, { lastSuccess }) => ((lastSuccess ?? "") > newest ? (lastSuccess ?? "") : newest), "");

function Share({ datasets, name }: { datasets: DatasetView[]; name: string }) {
  const expected = datasets.filter(({ phase }) => phase !== "unavailable");
  if (expected.length === 0) return null;
  const value = expected.reduce((sum, { phase, progress }) => sum + (phase === "failed" ? 100 : progress), 0) / expected.length;
  return (
    <progress className="share" max={100} value={Math.round(value)} aria-label={fill(words.data.progress, { name })}>
      {Math.round(value)} %
    </progress>
  );
}

function Dataset({ dataset, platformName, onRetry }: { dataset: DatasetView; platformName: string; onRetry: () => void }) {
  const { phase, progress, dataType, lastSuccess, detail } = dataset;
  const name = dataTypeName(dataType);
  return (
    <li className={`dataset dataset-${phase}`}>
      {phase === "running" ? (
        <span className="spinner" aria-hidden="true" />
      ) : (
        <Icon name={phase === "done" ? "done" : phase === "failed" ? "failed" : phase === "unavailable" ? "unavailable" : "waiting"} />
      )}
      <div className="dataset-words">
        <span className="dataset-name">{name}</span>
        <span className="dataset-state">
          {phase === "done" && lastSuccess ? fill(words.dataset.arrivedAt, { when: dateAndTime(lastSuccess) }) : datasetWords(dataset, platformName)}
        </span>
        {phase === "failed" && detail && (
          <span className="dataset-detail">
            <Theirs>{detail}</Theirs>
          </span>
        )}
        {phase === "running" && <progress max={100} value={progress} aria-label={fill(words.data.progress, { name })} />}
      </div>
      {phase === "failed" && dataset.status !== "AuthError" && (
        <button type="button" className="button quiet small" onClick={onRetry} aria-label={fill(words.parts.againNamed, { name })}>
          {words.parts.again}
        </button>
      )}
    </li>
  );
}
