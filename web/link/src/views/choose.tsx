/** The platforms of a kind, and the way on for those whose platform isn't there. */
import { Component, Fragment, h } from "preact";
import { asFailure } from "../../../connections/src/server/watch";
import { Drawing, Icon, Logo, Message, Note, Page, Title } from "../../../connections/src/views/parts";
import type { Kind, Platform } from "../api";
import { offersOf, type Ui } from "./ui";

/** With fewer platforms, a search is longer than the way to look. */
const SEARCHED_FROM = 7;

/** The characters of a name that reach the client. */
const LONGEST_NAME = 100;

interface ChooseProps {
  ui: Ui;
  /** None, if there is nothing of any kind. */
  kind?: Kind;
}

/** The platforms of a kind, with a search if there are many. */
export class Choose extends Component<ChooseProps, { text: string }> {
  override state = { text: "" };

  override render({ ui, kind }: ChooseProps, { text }: { text: string }) {
    const { words, session, view, options, say } = ui;
    const all = offersOf(view, options).find((offer) => offer.kind === kind)?.platforms ?? [];
    const searched = text.trim();
    const found = all.filter(({ name }) => name.toLowerCase().includes(searched.toLowerCase()));
    const inVain = searched && !found.length;
    return (
      <Page ui={ui} {...(kind && { back: () => (ui.follow(), session.go({ at: "main" })) })}>
        {all.length > 0 ? (
          <>
            <div class="stack">
              <Title>{words.$choose}</Title>
              <p class="soft">
                {words.$kinds[kind!]}: {words.$kindTexts[kind!]}
              </p>
            </div>
            {all.length >= SEARCHED_FROM && (
              <label class="search">
                <span class="sr">{words.$search}</span>
                <Drawing d="M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5" size={20} />
                <input
                  type="search"
                  autocomplete="off"
                  placeholder={words.$search}
                  value={text}
                  onInput={(event) => this.setState({ text: event.currentTarget.value })}
                />
              </label>
            )}
            <p class={inVain ? "soft" : "sr"} role="status">
              {inVain ? say(words.$searchNone, { text: searched }) : ""}
            </p>
            <ul class="rows">
              {found.map((platform) => (
                <li key={platform.key}>
                  <PlatformRow ui={ui} platform={platform} />
                </li>
              ))}
            </ul>
          </>
        ) : (
          <Message icon="none" title={words.$nothingTitle}>
            <p class="soft">{say(words.$nothingText)}</p>
          </Message>
        )}
        <Missed ui={ui} listed={all.length > 0} searched={inVain ? searched : ""} />
      </Page>
    );
  }
}

interface MissedProps {
  ui: Ui;
  /** False: there is no list that it could be missed in. */
  listed: boolean;
  /** What was searched in vain. */
  searched: string;
}

interface MissedState {
  /** What was typed; until then, what was searched. */
  name?: string;
  sending?: boolean;
  /** The name that has arrived. */
  told?: string;
  failed?: boolean;
}

/** "My platform isn't in the list": its name, for the client. */
class Missed extends Component<MissedProps, MissedState> {
  override state: MissedState = {};

  override render({ ui, listed, searched }: MissedProps, { name, sending, told, failed }: MissedState) {
    const { words, say } = ui;
    return (
      <form class="missed stack" onSubmit={this.#send}>
        {listed && <h3>{words.$notListed}</h3>}
        <label class="stack">
          <span>{words.$which}</span>
          <input
            type="text"
            autocomplete="off"
            maxLength={LONGEST_NAME}
            value={name ?? searched}
            onInput={(event) => this.setState({ name: event.currentTarget.value })}
          />
        </label>
        {failed && <Note kind="bad" role="alert" title={words.$untold} />}
        <p class={told ? "" : "sr"} role="status">
          {told ? say(words.$told, { text: told }) : ""}
        </p>
        <button type="submit" class="button" part="button" aria-disabled={sending}>
          {sending && <span class="spin" aria-hidden="true" />}
          {say(words.$tell)}
        </button>
      </form>
    );
  }

  #send = async (event: Event) => {
    event.preventDefault();
    const { ui, searched } = this.props;
    const { session } = ui;
    const name = (this.state.name ?? searched).trim();
    if (!name || this.state.sending) return;
    this.setState({ sending: true, failed: false, told: "" });
    try {
      await session.api.json("POST", "/requestedPlatforms", { platformName: name });
      this.setState({ sending: false, told: name, name: "" });
    } catch (error) {
      const failure = asFailure(error);
      if (failure.kind === "expired") session.fail(failure);
      else session.report(failure);
      this.setState({ sending: false, failed: true });
    }
  };
}

function PlatformRow({ ui, platform }: { ui: Ui; platform: Platform }) {
  const { name, isSandbox, isBeta } = platform;
  const { words } = ui;
  return (
    <button
      type="button"
      class="row"
      data-id={platform.key}
      onClick={() => (ui.follow(), void ui.session.choose(platform))}
    >
      <Logo ui={ui} connection={{ ...platform, platformName: name }} />
      <span class="grow">
        <b>{name}</b>
      </span>
      {isSandbox && <span class="tag">{words.$sandbox}</span>}
      {isBeta && <span class="tag">{words.$beta}</span>}
      <Icon name="next" />
    </button>
  );
}
