/** The company's connections, and the screens in their place while there are none to show. */
import { h } from "preact";
import type { Connection, Failure } from "../server/api";
import type { Strings } from "../locales/en";
import { fill } from "../locales/index";
import { Badge, Button, Icon, Logo, Message, Page, Theirs, type Frame } from "./parts";
import type { Ui } from "./ui";

export function List({ ui }: { ui: Ui }) {
  const { words } = ui;
  const connect = ui.session.connect ?? ui.connect;
  const { connections } = ui.view;
  if (!connections.length) {
    return (
      <Page
        ui={ui}
        actions={
          connect && (
            <Button look="primary" onClick={connect}>
              {words.$connect}
            </Button>
          )
        }
      >
        <Message icon="none" title={words.$emptyTitle}>
          <p class="soft">{ui.say(words.$emptyText)}</p>
        </Message>
      </Page>
    );
  }
  return (
    <Page ui={ui} title={ui.title}>
      <p class="soft">{ui.subtitle}</p>
      <ul class="rows">
        {connections.map((connection) => (
          <li key={connection.id}>
            <Row ui={ui} connection={connection} />
          </li>
        ))}
      </ul>
    </Page>
  );
}

export function Row({ ui, connection }: { ui: Ui; connection: Connection }) {
  const { id, platformName, status, connectedCompanyName, lastActive } = connection;
  const { words, dates } = ui;
  // What isn't connected isn't active "now", even if it was a moment ago.
  const when = status === "Linked" ? dates.ago(lastActive) : dates.date(lastActive);
  return (
    <button type="button" class="row" part="row" data-id={id} onClick={() => ui.go("detail", id)}>
      <Logo ui={ui} connection={connection} />
      <span class="grow">
        <b>{platformName}</b>
        <span class="line">
          {status !== "Linked" && <Badge ui={ui} connection={connection} />}
          {connectedCompanyName && <span dir="auto">{connectedCompanyName}</span>}
          <span>{when ? fill(words.$lastActive, { when }) : words.$neverActive}</span>
        </span>
      </span>
      <Icon name="next" />
    </button>
  );
}

/** Placeholders of the list's size, so that nothing jumps when the connections arrive. */
export function Skeleton({ ui, title }: { ui: Frame & { words: { $loading: string } }; title: string | false }) {
  return (
    <Page ui={ui} title={title || undefined} busy>
      <p class="sr" role="status">
        {ui.words.$loading}
      </p>
      <div class="stack">
        <span class="bone" />
        <span class="bone half" />
      </div>
      <div class="rows">
        {[0, 1, 2].map(() => (
          <div class="row">
            <span class="bone logo" />
            <span class="grow">
              <span class="bone half" />
              <span class="bone half" />
            </span>
          </div>
        ))}
      </div>
    </Page>
  );
}

export interface Troubled extends Frame {
  words: Frame["words"] &
    Pick<
      Strings,
      | "$retry"
      | "$deniedText"
      | "$errorText"
      | "$errorTitle"
      | "$expiredText"
      | "$expiredTitle"
      | "$offlineText"
      | "$offlineTitle"
      | "$reference"
    >;
  session: { state: { failure: Failure | null }; renewable: boolean; retry(): Promise<void> };
  say(text: string, values?: Record<string, string>): string;
  follow(): void;
}

/** The reason for an empty screen: an expired session, a missing network, a refusal or an unreachable server. */
export function Trouble({ ui }: { ui: Troubled }) {
  const { words, session } = ui;
  const { kind, status, message, correlationId } = session.state.failure!;
  const expired = kind === "expired";
  const closing = expired && !session.renewable;
  const offline = kind === "offline";
  const denied = status === 403 || status === 404;
  const retry = () => {
    ui.follow();
    void session.retry();
  };
  return (
    <Page
      ui={ui}
      actions={
        (!closing || ui.close) && (
          <Button look="primary" onClick={closing ? ui.close! : retry}>
            {closing ? words.$close : words.$retry}
          </Button>
        )
      }
    >
      <Message
        icon={expired ? "clock" : offline ? "offline" : "alert"}
        tone="warn"
        title={expired ? words.$expiredTitle : offline ? words.$offlineTitle : words.$errorTitle}
      >
        <p class="soft">
          {expired
            ? words.$expiredText
            : offline
              ? words.$offlineText
              : denied
                ? ui.say(words.$deniedText)
                : words.$errorText}
        </p>
        {!expired && message && <Theirs>{message}</Theirs>}
        {correlationId && <p class="soft small">{ui.say(words.$reference, { id: correlationId })}</p>}
      </Message>
    </Page>
  );
}
