/** Shows the view of the state, and moves the focus when the view changes. */
import { Component, h } from "preact";
import { fill } from "../../connections/src/locales/index";
import { Skeleton, Trouble } from "../../connections/src/views/list";
import { Button, Icon, Note, Title } from "../../connections/src/views/parts";
import { capitalised } from "../../connections/src/views/ui";
import type { Strings } from "./locales/en";
import type { LinkSession } from "./session";
import type { CodatLinkOptions, CodatTextOptions } from "./types";
import { Ask } from "./views/ask";
import { Choose, Landing, Main } from "./views/main";
import type { Ui } from "./views/ui";

interface AppProps {
  session: LinkSession;
  root: ShadowRoot;
  words: Strings;
  /** False while the words of the reader's language are on their way. */
  ready: boolean;
  locale: string;
  options: CodatLinkOptions;
  closable: boolean;
}

export class App extends Component<AppProps> implements Ui {
  #following = false;
  /** The key of the view; another key is another view. */
  #key = "";
  #shown = "";
  /** The connections that were Linked when it was last announced. */
  #linked: string[] | null = null;
  #announcement = "";

  readonly session = this.props.session;
  readonly options = this.props.options;
  words = this.props.words;

  get view() {
    return this.session.state.view!;
  }

  get close() {
    return this.props.closable ? this.#askToLeave : undefined;
  }

  say = (text: string, values?: Record<string, string>) => {
    const provider = this.options.text?.companyName || this.view?.provider.name || this.words.$yourProvider;
    const company = this.view?.companyName || this.words.$yourCompany;
    const platform = this.session.place.platform?.name ?? "";
    const known = { provider, company, platform, platformName: platform, companyName: provider };
    return capitalised(fill(text, { ...known, ...values }));
  };

  own = (key: keyof CodatTextOptions) => {
    const text = this.options.text?.[key];
    return typeof text === "string" && text.trim() ? this.say(text) : undefined;
  };

  time = (number: number, unit: "day" | "hour" | "month" | "year") =>
    new Intl.NumberFormat(this.props.locale, { style: "unit", unit, unitDisplay: "long" }).format(number);

  date = (iso: string) => new Intl.DateTimeFormat(this.props.locale, { dateStyle: "long" }).format(new Date(iso));

  listed = (names: string[]) => new Intl.ListFormat(this.props.locale, { type: "conjunction" }).format(names);

  follow = () => {
    this.#following = true;
  };

  override render({ options, words, session }: AppProps) {
    const { view, failure } = session.state;
    this.words = words;
    const stale = view && failure && failure.kind !== "expired";
    this.#announce();
    return (
      <div
        class={`card ${options.colorScheme ?? ""} ${options.hideBorder || options.nonModal ? "plain" : ""}`}
        part="card"
        role="region"
        aria-label={words.$title}
        lang={words.$lang}
        dir={words.$dir}
        onKeyDown={this.#escape}
      >
        <div class="within" inert={session.leaving}>
          {this.#screen()}
          {stale && (
            <div class="stale">
              <Note role="status">{failure.kind === "offline" ? words.$staleOffline : words.$stale}</Note>
            </div>
          )}
        </div>
        <p class="sr" role="status">
          {this.#announcement}
        </p>
        {view?.showBadge && (
          <div class="foot" part="footer">
            <Icon name="anchor" size={16} />
            {words.$securedBy}
          </div>
        )}
        {session.leaving && (
          <div class="over">
            <div class="ask stack" role="alertdialog" aria-modal="true" aria-labelledby="leave" aria-describedby="stays">
              <div id="leave">
                <Title>{words.$leaveTitle}</Title>
              </div>
              <p class="soft" id="stays">
                {words.$leaveText}
              </p>
              <Button look="primary" onClick={this.#stay}>
                {words.$stay}
              </Button>
              <Button onClick={() => session.close()}>{words.$leave}</Button>
            </div>
          </div>
        )}
      </div>
    );
  }

  #askToLeave = () => {
    this.follow();
    const { failure } = this.session.state;
    // A session that is over has nothing to finish.
    if (failure?.kind === "expired") this.session.close();
    else this.session.ask(true);
  };

  #stay = () => {
    this.follow();
    this.session.ask(false);
  };

  /** Escape answers the question, or leaves a page for the one behind it; elsewhere, it is the host's. */
  #escape = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const way = this.props.root.querySelector<HTMLElement>(".back");
    if (!this.session.leaving && !way) return;
    event.preventDefault();
    event.stopPropagation();
    if (this.session.leaving) this.#stay();
    else way!.click();
  };

  #screen() {
    const { session, ready, words } = this.props;
    const { view, failure, journey } = session.state;
    const { place } = session;
    if (failure && (!view || failure.kind === "expired") && ready) {
      this.#key = failure.kind;
      return <Trouble key={this.#key} ui={this} />;
    }
    if (!ready || !view) {
      this.#key = "";
      return <Skeleton ui={this} title={ready && words.$title} />;
    }
    if (place.at === "ask") {
      const linked = session.connection(place.id)?.status === "Linked";
      const step = journey?.id === place.id ? journey?.step : undefined;
      const state = linked ? "linked" : place.trouble ? "trouble" : place.told ? step : "preparing";
      // The button that opens the window stays where it is while the window opens.
      this.#key = `ask ${place.platform!.key} ${state === "opening" ? undefined : state}`;
      return <Ask key={this.#key} ui={this} place={place} />;
    }
    this.#key = place.at + (place.kind ?? "");
    if (place.at === "landing") return <Landing key={this.#key} ui={this} />;
    if (place.at === "choose") return <Choose key={this.#key} ui={this} kind={place.kind!} />;
    return <Main key={this.#key} ui={this} />;
  }

  override getSnapshotBeforeUpdate() {
    return this.props.root.activeElement;
  }

  /** Moves the focus to the heading of a new view. Focus elsewhere on the host's page stays there, unless the customer acted. */
  override componentDidUpdate(_: unknown, __: unknown, focused: Element | null) {
    const { root, session } = this.props;
    const key = session.leaving ? "leaving" : this.#key;
    const was = this.#shown;
    if (key === was) return;
    this.#shown = key;
    if (!key || !(focused || this.#following)) return;
    this.#following = false;
    const close = was === "leaving" && root.querySelector<HTMLElement>(".close");
    (close || root.querySelector<HTMLElement>(session.leaving ? ".ask h2" : "h2"))?.focus();
  }

  /** Announces connections that became Linked, to screen readers, but not the one whose view is about to say so itself. */
  #announce() {
    if (!this.view) return;
    const { place } = this.session;
    const now = this.view.connections.filter(({ status }) => status === "Linked");
    const fresh = now.filter(({ id }) => this.#linked && !this.#linked.includes(id) && place.id !== id);
    if (fresh.length) this.#announcement = fresh.map(({ platformName }) => `${platformName}: ${this.words.Linked}`).join(". ");
    this.#linked = now.map(({ id }) => id);
  }
}
