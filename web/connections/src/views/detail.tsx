/** One connection: its facts, its shared data and its history. */
import { h } from "preact";
import type { Connection } from "../server/api";
import { Reading } from "./machine";
import { Badge, Button, Logo, Note, Page, Theirs, Title } from "./parts";
import { Timeline } from "./timeline";
import { namesOf, ofFiles, Purposes, Said, Told } from "./told";
import { capitalised, type Ui } from "./ui";

export function Detail({ ui, connection }: { ui: Ui; connection: Connection }) {
  const { words, dates } = ui;
  const { id, platformName: platform, status, attention, connectedCompanyName, lastActive } = connection;
  const linked = status === "Linked";
  const more = linked && connection.requiresReconsent;
  return (
    <Page
      ui={ui}
      back={() => ui.go("list", id)}
      actions={[
        more && (
          <a class="button primary" part="button primary" href={ui.session.addressOf(connection.linkUrl)} target="_blank" rel="noopener">
            {words.$moreGo}
            <span class="sr">{words.$newWindow}</span>
          </a>
        ),
        !linked && (
          <Button look="primary" onClick={() => ui.go("reconnect", id)}>
            {status === "Unlinked" ? words.$reconnect : words.$repair}
          </Button>
        ),
        linked && ui.another?.(connection),
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
          {attention?.message ? <Theirs>{attention.message}</Theirs> : <p>{words.$attentionFallback}</p>}
        </Note>
      )}
      {status === "Unlinked" && (
        <Note>
          <p>{ui.say(ofFiles(connection) ? words.$filesGone : words.$unlinkedNote)}</p>
        </Note>
      )}
      {more && (
        <Note kind="warn" title={ui.say(words.$moreTitle)}>
          <p>{ui.say(words.$moreText)}</p>
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
            {capitalised((linked ? dates.ago(lastActive) : dates.date(lastActive)) ?? words.$neverActive)}
            {linked && <span class="soft small">{dates.dateTime(lastActive)}</span>}
          </dd>
        </div>
        <div>
          <dt>{words.$authorised}</dt>
          <dd>{dates.date(connection.firstAuthorized) ?? words.$notAuthorised}</dd>
        </div>
      </dl>
      {linked && connection.machine && <Reading ui={ui} connection={connection} machine={connection.machine} />}
      <Told title={linked ? words.$shared : words.$sharedBefore} items={namesOf(ui, connection.dataTypes)} />
      {linked && <Told title={words.$changed} items={namesOf(ui, connection.disclosure?.writes)} />}
      <Said ui={ui} connection={connection} />
      <Purposes ui={ui} connection={connection} />
      <Timeline ui={ui} connection={connection} />
    </Page>
  );
}
