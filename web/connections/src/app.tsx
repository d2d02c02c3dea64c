/** Shows the view of the state, and moves the focus when the view changes. */
import { Component, h } from "preact";
import type { Connection } from "./server/api";
import type { Dates } from "./locales/dates";
import type { Strings } from "./locales/en";
import { fill } from "./locales/index";
import type { Session } from "./server/session";
import { style } from "./style";
import type { CodatConnectionsOptions } from "./types";
import { Awaited } from "./views/awaited";
import { List, Skeleton, Trouble } from "./views/list";
import { Done, Icon, markdown, Message, Note, Page } from "./views/parts";
import { capitalised, promisedIn, type ScreenName, type Ui } from "./views/ui";

interface AppProps {
  session: Session;
  root: ShadowRoot;
  words: Strings;
  /** False while the words of the reader's language are on their way. */
  ready: boolean;
  dates: Dates;
  options: CodatConnectionsOptions;
  close: () => void;
}

/** `link` is Link, in place of the list. */
interface Screen {
  name: ScreenName | "link";
  id?: string;
}

export class App extends Component<AppProps, Screen> implements Ui {
  override state: Screen = { name: "list" };
  #following = false;
  /** The key of the view; another key is another view. */
  #key = "";
  #shown = "";
  /** The statuses that were last announced, by connection. */
  #statuses: Record<string, string> | null = null;
  #announcement = "";
  #unstyle: (() => void) | undefined;

  readonly session = this.props.session;
  dates = this.props.dates;
  readonly close = this.props.close;
  words = this.props.words;

  get connect() {
    // An element of another version of Link may not take props.
    return "props" in (customElements.get("moorline-link")?.prototype ?? {}) ? () => this.setState({ name: "link" }) : undefined;
  }

  get view() {
    return this.session.state.view!;
  }

  get title() {
    return this.say(this.props.options.text?.["main.title"] || this.words.$title);
  }

  get subtitle() {
    const own = this.props.options.text?.["main.subtitle"];
    return own ? markdown([this.say(own)]) : this.say(this.words.$intro);
  }

  say = (text: string, values?: Record<string, string>) => {
    const provider = this.view?.provider?.name || this.words.$yourProvider;
    const company = this.view?.companyName || this.words.$yourCompany;
    return capitalised(fill(text, { provider, company, companyName: company, ...values }));
  };

  follow = () => {
    this.#following = true;
  };

  go = (name: ScreenName, id?: string) => {
    this.follow();
    this.setState({ name, id: id! });
  };

  promised(connection: Connection) {
    return promisedIn(this.props.options.text, connection);
  }

  override render({ options, words, dates, session }: AppProps, { name, id }: Screen) {
    const { view, failure } = session.state;
    this.words = words;
    this.dates = dates;
    const stale = view && failure && failure.kind !== "expired";
    this.#announce();
    if (name === "link") {
      this.#key = name;
      return h("moorline-link" as "div", { ref: this.#link });
    }
    return (
      <div
        class={`card ${options.theme ?? ""}`}
        part="card"
        role="region"
        aria-label={this.title}
        lang={words.$lang}
        dir={words.$dir}
        onKeyDown={this.#leave}
        onPointerOver={this.#near}
        onFocusIn={this.#near}
      >
        {this.#screen(name, id)}
        {stale && (
          <div class="stale">
            <Note role="status">{failure.kind === "offline" ? words.$staleOffline : words.$stale}</Note>
          </div>
        )}
        <p class="sr" role="status">
          {this.#announcement}
        </p>
        {view?.showBadge && (
          <div class="foot" part="footer">
            <Icon name="anchor" size={16} />
            {words.$securedBy}
          </div>
        )}
      </div>
    );
  }

  /** Escape leaves a view for the one behind it; from the list, it is the host's. */
  #leave = (event: KeyboardEvent) => {
    const way = this.props.root.querySelector<HTMLElement>(".back, .done");
    if (event.key !== "Escape" || event.defaultPrevented || !way) return;
    event.preventDefault();
    event.stopPropagation();
    way.click();
  };

  /** Brings what a row leads to as soon as the customer turns to one. */
  #near = ({ target }: Event) => {
    const { parts } = this.session;
    if (!parts.lacking && (target as Element).closest(".row")) void parts.bring("detail");
  };

  /** Hands Link this component's company and session, once, until it is left. */
  #link = (element: HTMLElement | null) => {
    const { theme, ...options } = this.props.options;
    const done = () => this.go("list");
    if (!element) return;
    // The button that had the focus is gone.
    element.tabIndex = -1;
    element.focus();
    Object.assign(element, { props: this.session.forLink(done, { ...options, text: undefined, colorScheme: theme }) });
  };

  #screen(name: ScreenName, id?: string) {
    const { view, failure, journey } = this.session.state;
    const { ready } = this.props;
    if (ready && failure && (!view || failure.kind === "expired")) {
      this.#key = failure.kind;
      return <Trouble key={this.#key} ui={this} />;
    }
    if (!ready || !view) {
      this.#key = "";
      return <Skeleton ui={this} title={ready && this.title} />;
    }
    if (name === "list") {
      this.#key = `list${!view.connections.length}`;
      return <List key={this.#key} ui={this} />;
    }
    const connection = this.session.connection(id);
    if (!connection) {
      this.#key = "gone";
      return <Gone ui={this} />;
    }
    const { parts } = this.session;
    const part = parts.get("detail");
    if (!part) {
      this.#key = parts.lacking ? "lacking" : "";
      return <Awaited key={this.#key} ui={this} parts={parts} name="detail" />;
    }
    this.#unstyle ??= style(this.props.root, part.css, this.props.options.nonce);
    const step = name === "reconnect" && (connection.status === "Linked" || journey?.step);
    // The button that opens the window stays where it is while the window opens.
    this.#key = name + id + (step === "opening" ? undefined : step);
    return h(part[name] as typeof part.detail, { key: this.#key, ui: this, connection });
  }

  override componentWillUnmount() {
    this.#unstyle?.();
  }

  override getSnapshotBeforeUpdate() {
    return this.props.root.activeElement;
  }

  /**
   * Moves the focus to the heading of a new view, or, back in the list, to the row that the customer came from.
   * Focus elsewhere on the host's page stays there, unless the customer's own act caused the change.
   */
  override componentDidUpdate(_: unknown, { id }: Screen, focused: Element | null) {
    if (this.#key === this.#shown) return;
    this.#shown = this.#key;
    if (!this.#key || !(focused || this.#following)) return;
    this.#following = false;
    const { root } = this.props;
    const row = this.state.id && root.querySelector<HTMLElement>(`[data-id="${CSS.escape(id ?? this.state.id)}"]`);
    (row || root.querySelector<HTMLElement>("h2"))?.focus();
  }

  /** Announces the connections that changed, to screen readers, but not what the view of one is about to say itself. */
  #announce() {
    if (!this.view) return;
    const { name, id } = this.state;
    const known = this.#statuses;
    const speaks = this.props.root.activeElement && /connect/.test(name) && id;
    const fresh = this.view.connections.filter((each) => known && known[each.id] !== each.status && each.id !== speaks);
    // Link says itself what it has connected.
    if (fresh.length && name !== "link") {
      this.#announcement = fresh.map((each) => `${each.platformName}: ${this.words[each.status]}`).join(". ");
    }
    this.#statuses = Object.fromEntries(this.view.connections.map((each) => [each.id, each.status]));
  }
}

function Gone({ ui }: { ui: Ui }) {
  const { words } = ui;
  return (
    <Page
      ui={ui}
      actions={
        <Done onClick={() => ui.go("list")} ui={ui} />
      }
    >
      <Message icon="none" title={words.$goneTitle}>
        <p class="soft">{words.$goneText}</p>
      </Message>
    </Page>
  );
}
