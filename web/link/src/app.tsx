/** Shows the view of the state, and moves the focus when the view changes. */
import { Component, h, type JSX } from "preact";
import { fill } from "../../connections/src/locales/index";
import { Skeleton, Trouble } from "../../connections/src/views/list";
import { Button, Icon, Note, Title } from "../../connections/src/views/parts";
import { capitalised } from "../../connections/src/views/ui";
import type { Strings } from "./locales/en";
import type { LinkSession } from "./session";
import type { CodatLinkOptions, CodatTextOptions } from "./types";
import { style } from "../../connections/src/style";
import { Awaited } from "../../connections/src/views/awaited";
import type { All } from "./parts/load";
import { Landing, Main } from "./views/main";
import { plain, Prose } from "./views/prose";
import { colourRule, isEmpty, optionsOf, type Ui } from "./views/ui";

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
  /** The style sheets that are there beside the first. */
  readonly #dressed = new Set<string>();

  readonly session = this.props.session;
  options = this.props.options;
  words = this.props.words;

  get view() {
    return this.session.state.view!;
  }

  get locale() {
    return this.props.locale;
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
    this.options = optionsOf(options, view?.settings);
    this.#dress("colour", options.theme?.colors?.primary ? "" : colourRule(view?.settings?.colour));
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
        onPointerEnter={this.#bring}
        onFocusCapture={this.#bring}
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
                <Title>{plain(this.own("exit.title") ?? words.$leaveTitle)}</Title>
              </div>
              <div class="soft stack" id="stays">
                <Prose text={this.own("exit.text") ?? words.$leaveText} />
              </div>
              <Button look="primary" onClick={this.#stay}>
                {plain(this.own("exit.stay") ?? words.$stay)}
              </Button>
              <Button onClick={() => session.close()}>{plain(this.own("exit.leave") ?? words.$leave)}</Button>
            </div>
          </div>
        )}
      </div>
    );
  }

  /** The customer's hand is here: what everyone goes on to is brought before the first click. */
  #bring = () => {
    const { parts, state } = this.session;
    if (state.view && !parts.lacking) void parts.bring("asking");
  };

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
    const way = this.props.root.querySelector<HTMLElement>(".back, .done");
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
    const step = journey?.id === place.id ? journey?.step : undefined;
    // The button that opens the window stays where it is while the window opens.
    const turn = step === "opening" ? undefined : step;
    const linked = session.connection(place.id)?.status === "Linked";
    if (place.at === "manage") {
      const { details } = session;
      const at = place.screen === "reconnect" ? linked || turn : "";
      return this.#within("manage", `manage ${place.screen} ${place.id} ${at}`, ({ Manage }, key) =>
        details ? <Manage key={key} ui={this} place={place} view={details} /> : this.#waiting(),
      );
    }
    if (place.at === "ask") {
      const state = linked ? "linked" : place.trouble ? "trouble" : place.told ? turn : "preparing";
      const key = `ask ${place.platform!.key} ${place.link && state} ${state}`;
      if (place.link && state === "waiting") {
        return this.#within("elsewhere", key, ({ Elsewhere }) => <Elsewhere key={key} ui={this} place={place} />);
      }
      return this.#within("asking", key, ({ Ask }) => <Ask key={key} ui={this} place={place} />);
    }
    const key = place.at + (place.kind ?? "");
    if (place.at === "choose") {
      return this.#within("asking", key, ({ Choose }) => <Choose key={key} ui={this} kind={place.kind!} />);
    }
    if (place.at === "files") {
      return this.#within("files", key, ({ Files }) => <Files key={key} ui={this} kind={place.kind!} />);
    }
    // Before anything else is done; a part that can't be had keeps no one from the rest.
    if (place.at === "main" && this.options.enableAdditionalConsent && session.known.size && !session.parts.lacking) {
      const question = session.parts.get("asking")?.nextQuestion(this, this.props.options.text);
      if (question !== null) {
        const key = `further ${question?.connection.id}`;
        return this.#within("asking", key, ({ Further }) => <Further key={key} ui={this} question={question!} />);
      }
    }
    if (place.at === "main" && isEmpty(view, this.options)) {
      return this.#within("asking", "nothing", ({ Choose }, key) => <Choose key={key} ui={this} />);
    }
    this.#key = key;
    return place.at === "landing" ? <Landing key={key} ui={this} /> : <Main key={key} ui={this} />;
  }

  /** Adds a style sheet, once. */
  #dress(name: string, css: string) {
    if (!css || this.#dressed.has(name)) return;
    this.#dressed.add(name);
    style(this.props.root, css, this.options.nonce);
  }

  #waiting() {
    this.#key = "";
    return <Skeleton ui={this} title={false} />;
  }

  /** A view of a part, once that is there. */
  #within<Name extends keyof All>(name: Name, key: string, draw: (part: All[Name], key: string) => JSX.Element): JSX.Element {
    const { parts } = this.session;
    const part = parts.get(name);
    if (part) {
      this.#key = key;
      this.#dress(name, part.css);
      return draw(part, key);
    }
    this.#key = parts.lacking ? "lacking" : "";
    return <Awaited key={this.#key} ui={this} parts={parts} name={name} />;
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
    // Back in a list: to the row that the customer came from.
    const { at, id } = session.place;
    const row = at === "manage" && id && root.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`);
    (close || row || root.querySelector<HTMLElement>(session.leaving ? ".ask h2" : "h2"))?.focus();
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
