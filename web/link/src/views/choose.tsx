/** The platforms of a kind. */
import { Component, h } from "preact";
import { Drawing, Icon, Logo, Page, Title } from "../../../connections/src/views/parts";
import type { Kind, Platform } from "../api";
import { offersOf, type Ui } from "./ui";

/** With fewer platforms, a search is longer than the way to look. */
const SEARCHED_FROM = 7;

interface ChooseProps {
  ui: Ui;
  kind: Kind;
}

/** The platforms of a kind, with a search if there are many. */
export class Choose extends Component<ChooseProps, { text: string }> {
  override state = { text: "" };

  override render({ ui, kind }: ChooseProps, { text }: { text: string }) {
    const { words, session, view, options } = ui;
    const all = offersOf(view, options).find((offer) => offer.kind === kind)?.platforms ?? [];
    const wanted = text.trim().toLowerCase();
    const found = all.filter(({ name }) => name.toLowerCase().includes(wanted));
    return (
      <Page ui={ui} back={() => (ui.follow(), session.go({ at: "main" }))}>
        <div class="stack">
          <Title>{words.$choose}</Title>
          <p class="soft">
            {words.$kinds[kind]}: {words.$kindTexts[kind]}
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
        <p class={found.length ? "sr" : "soft"} role="status">
          {wanted && !found.length ? ui.say(words.$searchNone, { text: text.trim() }) : ""}
        </p>
        <ul class="rows">
          {found.map((platform) => (
            <li key={platform.key}>
              <PlatformRow ui={ui} platform={platform} />
            </li>
          ))}
        </ul>
      </Page>
    );
  }
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
