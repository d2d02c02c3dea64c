/** Disconnecting: its consequences, the act and its confirmation. */
import { Component, h } from "preact";
import type { Connection, Failure } from "../server/api";
import { Button, Done, Logo, Message, Note, Page, Theirs, Ticks, Title } from "./parts";
import { namesOf, ofFiles, Said, Words } from "./told";
import type { Ui } from "./ui";

interface Props {
  ui: Ui;
  connection: Connection;
}

export class ConfirmDisconnect extends Component<Props, { busy?: boolean; failure?: Failure | null }> {
  #disconnect = async () => {
    const { ui, connection } = this.props;
    this.setState({ busy: true, failure: null });
    const failure = await ui.session.disconnect(connection.id);
    if (ui.session.over) return;
    this.setState({ busy: false, failure });
    if (!failure) ui.go("disconnected", connection.id);
  };

  override render() {
    const { ui, connection } = this.props;
    const { busy, failure } = this.state;
    const { words, say } = ui;
    const platform = { platform: connection.platformName };
    const reads = namesOf(ui, connection.dataTypes);
    const back = () => ui.go("detail", connection.id);
    return (
      <Page
        ui={ui}
        back={back}
        actions={[
          <Button look="danger strong" busy={!!busy} onClick={this.#disconnect}>
            {busy ? words.$disconnecting : words.$disconnect}
          </Button>,
          <Button onClick={back}>{words.$keep}</Button>,
        ]}
      >
        <Logo ui={ui} connection={connection} large />
        <div class="stack">
          <Title>{say(words.$confirmTitle, platform)}</Title>
          {connection.connectedCompanyName && <p class="soft">{connection.connectedCompanyName}</p>}
        </div>
        {failure && (
          <Note kind="bad" role="alert" title={say(words.$disconnectFailed, platform)}>
            {failure.message ? (
              <Theirs>{failure.message}</Theirs>
            ) : (
              <p>{failure.kind === "offline" ? words.$offlineTitle : words.$errorText}</p>
            )}
            {failure.correlationId && <p class="small">{say(words.$reference, { id: failure.correlationId })}</p>}
          </Note>
        )}
        <div class="stack">
          <h3>{words.$stopsTitle}</h3>
          <p class="soft">{say(ofFiles(connection) ? words.$filesGo : words.$stopsText, platform)}</p>
          {reads.length > 0 && <p class="soft">{say(words.$stopsList)}</p>}
          <Ticks items={reads} two />
        </div>
        <Said ui={ui} connection={connection} />
        {!ofFiles(connection) && (
          <div class="stack">
            <h3>{words.$staysTitle}</h3>
            <p class="soft">{say(words.$staysText)}</p>
            <Words of={connection.disclosure?.stays["words"]} />
          </div>
        )}
      </Page>
    );
  }
}

export function Disconnected({ ui, connection }: Props) {
  const { words, say } = ui;
  return (
    <Page
      ui={ui}
      actions={<Done ui={ui} onClick={() => ui.go("list", connection.id)} />}
    >
      <Message icon="none" title={say(words.$disconnectedTitle, { platform: connection.platformName })}>
        <p class="soft">{say(ofFiles(connection) ? words.$filesGone : words.$disconnectedText)}</p>
      </Message>
    </Page>
  );
}
