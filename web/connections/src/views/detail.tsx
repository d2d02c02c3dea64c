/** One connection: its facts, its shared data and its history. */
import { h } from "preact";
import type { Connection } from "../server/api";
import { Badge, Button, Logo, markdown, Note, Page, Ticks, Title } from "./parts";
import { Timeline } from "./timeline";
import { capitalised, dataTypeName, type Ui } from "./ui";

export function Detail({ ui, connection }: { ui: Ui; connection: Connection }) {
  const { words, dates } = ui;
  const { id, platformName: platform, status, attention, connectedCompanyName, lastActive, dataTypes } = connection;
  const promised = ui.promised(connection);
  const shared = promised.length
    ? markdown(promised)
    : [...new Set((dataTypes ?? []).map((dataType) => dataTypeName(ui, dataType)))];
  return (
    <Page
      ui={ui}
      back={() => ui.go("list", id)}
      actions={[
        status !== "Linked" && (
          <Button look="primary" onClick={() => ui.go("reconnect", id)}>
            {status === "Unlinked" ? words.$reconnect : words.$repair}
          </Button>
        ),
        status !== "Unlinked" && (
          <Button look="danger" onClick={() => ui.go("disconnect", id)}>
            {words.$disconnect}
          </Button>
        ),
      ]}
    >
      <div class="head">
        <Logo ui={ui} connection={connection} large />
        <div>
          <Title>{platform}</Title>
          <Badge ui={ui} connection={connection} />
        </div>
      </div>
      {status === "Deauthorized" && (
        <Note kind="warn" title={ui.say(words.$attentionTitle, { platform })}>
          <p>{attention?.message || words.$attentionFallback}</p>
        </Note>
      )}
      {status === "Unlinked" && (
        <Note>
          <p>{ui.say(words.$unlinkedNote)}</p>
        </Note>
      )}
      <dl class="facts">
        {connectedCompanyName && (
          <div>
            <dt>{ui.say(words.$companyAt, { platform })}</dt>
            <dd>{connectedCompanyName}</dd>
          </div>
        )}
        <div>
          <dt>{words.$lastActiveLabel}</dt>
          <dd>
            {capitalised(dates.ago(lastActive) ?? words.$neverActive)}
            <span class="soft small">{dates.dateTime(lastActive)}</span>
          </dd>
        </div>
        <div>
          <dt>{words.$authorised}</dt>
          <dd>{dates.date(connection.firstAuthorized) ?? words.$notAuthorised}</dd>
        </div>
      </dl>
      {shared.length > 0 && (
        <div class="stack">
          <h3>{status === "Linked" ? words.$shared : words.$sharedBefore}</h3>
          <Ticks items={shared} two={!promised.length} />
        </div>
      )}
      <Timeline ui={ui} connection={connection} />
    </Page>
  );
}
