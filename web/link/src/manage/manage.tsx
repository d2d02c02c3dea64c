/** What is connected, inside Link: seen, disconnected, connected again. The views are the Connections component's. */
import { h } from "preact";
import { datesIn } from "../../../connections/src/locales/dates";
import { en as first, type Strings } from "../../../connections/src/locales/en";
import { detail } from "../../../connections/src/locales/en.detail";
import type { CompanyView } from "../../../connections/src/server/api";
import { Detail } from "../../../connections/src/views/detail";
import { ConfirmDisconnect, Disconnected } from "../../../connections/src/views/disconnect";
import { Row } from "../../../connections/src/views/list";
import { Button, Page, Title } from "../../../connections/src/views/parts";
import { Reconnect } from "../../../connections/src/views/reconnect";
import type { Ui as Theirs } from "../../../connections/src/views/ui";
import type { Kind } from "../api";
import type { Place } from "../session";
import { promisesOf } from "../views/consent";
import { keyOf, offersOf, type Ui } from "../views/ui";
import { load } from "./more";

const SCREENS = { detail: Detail, disconnect: ConfirmDisconnect, disconnected: Disconnected, reconnect: Reconnect };

const en: Strings = { ...first, ...detail };

/** The words by their languages; those of a part that is there stay. */
const words: Record<string, Strings> = { en };

/** Loads the words of a language; without them, English serves. */
export async function prepare(language: string, platform: string | null): Promise<void> {
  words[language] ??= (await load(language, platform)) ?? en;
}

interface ManageProps {
  ui: Ui;
  place: Place;
  view: CompanyView;
}

export function Manage({ ui, place, view }: ManageProps) {
  const own = contextOf(ui, view);
  const connection = own.view.connections.find(({ id }) => id === place.id);
  if (place.screen === "list" || !connection) return <List ui={ui} own={own} />;
  return h(SCREENS[place.screen!] as typeof Detail, { ui: own, connection });
}

function List({ ui, own }: { ui: Ui; own: Theirs }) {
  const { connections } = own.view;
  return (
    <Page ui={ui} back={() => (ui.follow(), ui.session.go({ at: "main" }))}>
      <div class="stack">
        <Title>{own.title}</Title>
        <p class="soft">{connections.length ? own.subtitle : own.say(own.words.$emptyText)}</p>
      </div>
      <ul class="rows">
        {connections.map((connection) => (
          <li key={connection.id}>
            <Row ui={own} connection={connection} />
          </li>
        ))}
      </ul>
    </Page>
  );
}

/** The context that the Connections component's views need. */
function contextOf(ui: Ui, view: CompanyView): Theirs {
  const { session, say } = ui;
  const theirs = words[ui.words.$lang] ?? en;
  // The newest statuses: what was done here is known before the next reading.
  const connections = view.connections.map((connection) => {
    const now = session.connection(connection.id)?.status;
    return now && now !== "PendingAuth" ? { ...connection, status: now } : connection;
  });
  return {
    session,
    words: theirs,
    dates: datesIn(ui.locale),
    view: { ...view, connections },
    title: theirs.$title,
    subtitle: say(theirs.$intro),
    say,
    follow: ui.follow,
    close: ui.close,
    go: (screen, id) => (ui.follow(), session.manage(screen, id)),
    promised: ({ sourceType }) => promisesOf(ui.options, keyOf(sourceType as Kind)),
    another: ({ platformKey, sourceType }) => {
      // A company has one accounting source; of the others, several at one platform.
      const offers = sourceType === "Accounting" ? [] : offersOf(ui.view, ui.options);
      const platform = offers.flatMap(({ platforms }) => platforms).find(({ key }) => key === platformKey);
      return platform && <Button onClick={() => (ui.follow(), void session.choose(platform))}>{ui.words.$another}</Button>;
    },
  };
}
