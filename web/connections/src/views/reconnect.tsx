/** Reconnecting: the data that will be shared, the way to the platform, and the outcome by the server. */
import { h } from "preact";
import type { Connection } from "../server/api";
import { Button, Done, Icon, Logo, Message, Note, Page, Theirs, Title } from "./parts";
import { namesOf, Said, Told, Words } from "./told";
import type { Ui } from "./ui";

export function Reconnect({ ui, connection }: { ui: Ui; connection: Connection }) {
  const { words, say, session } = ui;
  const { id, platformName, connectedCompanyName: company } = connection;
  const program = connection.disclosure?.access?.program ?? "";
  const platform = { platform: platformName, program };
  const leave = () => {
    session.leaveJourney();
    ui.go("detail", id);
  };

  if (connection.status === "Linked") {
    return (
      <Page
        ui={ui}
        actions={<Done ui={ui} onClick={leave} />}
      >
        <Message icon="tick" tone="good" title={say(words.$reconnectedTitle, platform)}>
          <p class="soft">{say(words.$reconnectedText)}</p>
        </Message>
      </Page>
    );
  }

  const { journey } = session.state;
  const stage = journey?.id === id ? journey : null;
  if (stage?.step === "waiting" || stage?.step === "blocked") {
    const blocked = stage.step === "blocked";
    const look = `button ${blocked ? "primary" : ""}`;
    return (
      <Page
        ui={ui}
        back={leave}
        actions={
          <a
            class={look}
            part={look}
            href={session.addressOf(connection.linkUrl)}
            target="_blank"
            rel="noopener"
            onClick={() => {
              ui.follow();
              session.awaitReturn(id);
            }}
          >
            {blocked ? say(words.$open, platform) : words.$openAgain}
            <Icon name="window" />
            <span class="sr">{words.$newWindow}</span>
          </a>
        }
      >
        <Message
          icon={blocked ? "window" : "spin"}
          title={blocked ? words.$blockedTitle : say(words.$waitingTitle, platform)}
        >
          <p class="soft">{blocked ? words.$blockedText : words.$waitingText}</p>
        </Message>
      </Page>
    );
  }

  const opening = stage?.step === "opening";
  const failed = stage?.step === "failed";
  const other = accountingInTheWay(ui, connection);
  const told = connection.disclosure;
  return (
    <Page
      ui={ui}
      back={leave}
      actions={
        other ? (
          <Button look="primary" onClick={() => ui.go("detail", other.id)}>
            {say(words.$takenGo, { other: other.platformName })}
          </Button>
        ) : (
          [
            <Button
              look="primary"
              busy={opening}
              onClick={() => {
                ui.follow();
                session.leave(id, say(words.$opening, platform));
              }}
            >
              {opening ? say(words.$opening, platform) : failed ? words.$retry : say(program ? words.$setUpAgain : words.$reconnectGo, platform)}
            </Button>,
            <Button onClick={leave}>{words.$cancel}</Button>,
          ]
        )
      }
    >
      <Logo ui={ui} connection={connection} large />
      <Title>{say(words.$reconnectTitle, platform)}</Title>
      {failed && (
        <Note kind="bad" role="alert" title={say(words.$failedTitle, platform)}>
          {stage.reason ? <Theirs>{stage.reason}</Theirs> : <p>{words.$failedText}</p>}
        </Note>
      )}
      {other ? (
        <Note kind="warn" title={say(words.$takenTitle, { other: other.platformName })}>
          <p>{say(words.$takenText, { ...platform, other: other.platformName })}</p>
        </Note>
      ) : (
        <div class="stack">
          <p class="soft">{say(program ? words.$setUpAgainText : words.$reconnectText, platform)}</p>
          {company && <p class="soft">{say(words.$reconnectCompany, { company })}</p>}
          <Words of={told?.purpose} />
        </div>
      )}
      {!other && <Told title={say(words.$reconnectList)} items={namesOf(ui, told && [...told.reads, ...told.custom])} />}
      {!other && <Told title={words.$changed} items={namesOf(ui, told?.writes)} />}
      {!other && <Said ui={ui} connection={connection} />}
    </Page>
  );
}

/** Another Linked accounting connection, with which the server would refuse this one: a company has one at a time. */
function accountingInTheWay(ui: Ui, { id, sourceType }: Connection): Connection | undefined {
  return ui.view.connections.find(
    (other) =>
      other.id !== id &&
      other.status === "Linked" &&
      other.sourceType === "Accounting" &&
      sourceType === other.sourceType,
  );
}
