/** The history of a connection, newest first. */
import { Component, h } from "preact";
import type { Connection, TimelineEntry } from "../server/api";
import { own } from "../locales/index";
import { Theirs } from "./parts";
import { capitalised, type Ui } from "./ui";

const PAGE_SIZE = 20;
const SHOWN_AT_FIRST = 4;

interface Props {
  ui: Ui;
  connection: Connection;
}

interface State {
  entries?: TimelineEntry[];
  /** The number of pages read; 0 until the first has arrived. */
  pages: number;
  more: boolean;
  all: boolean;
  failed: boolean;
}

export class Timeline extends Component<Props, State> {
  override state: State = { pages: 0, more: false, all: false, failed: false };
  #reading = 0;

  override componentDidMount() {
    void this.#read(1);
  }

  /** Begins again from the first page when the history has a new entry. */
  override componentDidUpdate({ connection: before }: Props) {
    if (before.lastEvent !== this.props.connection.lastEvent) void this.#read(1);
  }

  override componentWillUnmount() {
    this.#reading++;
  }

  async #read(page: number) {
    const { ui, connection } = this.props;
    const reading = ++this.#reading;
    let change: Partial<State>;
    try {
      const { entries: fresh, total } = await ui.session.timeline(connection.id, page, PAGE_SIZE);
      const known = page > 1 ? this.state.entries! : [];
      // A new entry pushes older ones to the next page.
      const entries = [...known, ...fresh.filter(({ id }) => !known.some((entry) => entry.id === id))];
      change = { entries, pages: page, more: fresh.length > 0 && total > entries.length, failed: false };
    } catch {
      change = { failed: true };
    }
    if (reading === this.#reading) this.setState(change);
  }

  #more = () => {
    const { pages, more, all } = this.state;
    this.setState({ all: true });
    if (more && all) void this.#read(pages + 1);
  };

  override render() {
    const { ui, connection } = this.props;
    const { words } = ui;
    const { entries, pages, more, all, failed } = this.state;
    return (
      <div class="stack">
        <h3>{words.$history}</h3>
        {entries?.length ? (
          <ol class="timeline">
            {entries.slice(0, all ? undefined : SHOWN_AT_FIRST).map((entry) => (
              <li key={entry.id}>
                <b>{titleOf(ui, entry)}</b>
                <p class="soft">
                  {[ui.dates.dateTime(entry.occurred), actorOf(ui, connection, entry)].filter(Boolean).join(" · ")}
                </p>
                {entry.reason && <Theirs>{entry.reason}</Theirs>}
              </li>
            ))}
          </ol>
        ) : entries ? (
          <p class="soft">{words.$historyEmpty}</p>
        ) : (
          !failed && <span class="bone half" />
        )}
        {failed && (
          <p class="soft" role="alert">
            {words.$historyError}
          </p>
        )}
        {(failed || more || (!all && entries && entries.length > SHOWN_AT_FIRST)) && (
          <button type="button" class="text" onClick={failed ? () => void this.#read(pages || 1) : this.#more}>
            {failed ? words.$retry : words.$historyMore}
          </button>
        )}
      </div>
    );
  }
}

function titleOf({ words }: Ui, { type, title, from, to }: TimelineEntry): string {
  if (from !== to) {
    if (to === "Linked") return from && from !== "PendingAuth" ? words.$reconnected : words.Linked;
    if (to === "Unlinked") return words.Unlinked;
    if (to === "Deauthorized") return words.$accessLost;
  }
  return own(words.$events, type) ?? (title || capitalised(type.slice(type.lastIndexOf(".") + 1)));
}

function actorOf({ words, say }: Ui, { platformName }: Connection, { actor }: TimelineEntry): string {
  return say(own(words.$by, actor ?? "") ?? "", { platform: platformName });
}
