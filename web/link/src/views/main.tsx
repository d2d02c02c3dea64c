/** The pages on which the customer finds a platform: landing, kinds, and the platforms of a kind. */
import { Component, Fragment, h } from "preact";
import { Button, Drawing, Icon, Logo, markdown, Message, Page, Title } from "../../../connections/src/views/parts";
import type { Kind, Platform } from "../api";
import { Prose, plain } from "./prose";
import { linkedOf, neededOf, offersOf, type Offer, type Ui } from "./ui";

const DRAWINGS: Record<Kind, string> = {
  Accounting: "M5 4a2 2 0 0 1 2-2h12v20H7a2 2 0 0 1-2-2zM5 20a2 2 0 0 1 2-2h12M9 7h6M9 11h6",
  Banking: "M3 9l9-6 9 6zM5 9v9M10 9v9M14 9v9M19 9v9M3 21h18",
  Commerce: "M5 8h14l1 13H4zM8 11V7a4 4 0 0 1 8 0v4",
};

/** With fewer platforms, a search is longer than the way to look. */
const SEARCHED_FROM = 7;

export function Landing({ ui }: { ui: Ui }) {
  const { words, say, own, session } = ui;
  const logo = ui.view.provider.logoUrl;
  return (
    <Page
      ui={ui}
      actions={
        <Button look="primary" onClick={() => (ui.follow(), session.go({ at: "main" }))}>
          {plain(own("landing.nextButton") ?? words.$landingGo)}
        </Button>
      }
    >
      <div class="welcome">
        {logo && <Logo ui={ui} connection={{ platformName: ui.view.provider.name, logoUrl: logo }} large />}
        <Title>{markdown([own("landing.title") ?? say(words.$landingTitle)])}</Title>
        <div class="soft stack">
          <Prose text={own("landing.subtitle") ?? say(words.$landingText)} />
        </div>
      </div>
    </Page>
  );
}

export function Main({ ui }: { ui: Ui }) {
  const { words, say, own, view, options, session } = ui;
  const offers = offersOf(view, options);
  const needed = neededOf(view, options);
  if (!offers.some(({ platforms, kind }) => platforms.length || linkedOf(view, kind).length)) {
    return (
      <Page ui={ui}>
        <Message icon="none" title={words.$nothingTitle}>
          <p class="soft">{say(words.$nothingText)}</p>
        </Message>
      </Page>
    );
  }
  const kinds = needed.map((kind) => words.$kinds[kind]!);
  return (
    <Page
      ui={ui}
      actions={
        <>
          <p class="soft small" id="needed">
            {needed.length > 0 && (options.sourceTypes ? say(words.$stillNeeded, { kinds: ui.listed(kinds) }) : words.$anyNeeded)}
          </p>
          <button
            type="button"
            class={needed.length ? "button" : "button primary"}
            part="button"
            // Not `disabled`: the reason must be found by keyboard, too.
            aria-disabled={!!needed.length}
            aria-describedby="needed"
            onClick={() => needed.length || session.finish()}
          >
            {words.$complete}
          </button>
        </>
      }
    >
      <div class="stack">
        <Title>{markdown([own("main.title") ?? say(words.$title)])}</Title>
        <div class="soft stack">
          <Prose text={own("main.subtitle") ?? say(words.$intro)} />
        </div>
      </div>
      <ul class="kinds">
        {offers.map((offer) => (
          <li key={offer.kind}>
            <KindCard ui={ui} offer={offer} />
          </li>
        ))}
      </ul>
    </Page>
  );
}

function KindCard({ ui, offer }: { ui: Ui; offer: Offer }) {
  const { words, say, view, options, session } = ui;
  const { kind, platforms, optional } = offer;
  const linked = linkedOf(view, kind);
  // A company has one accounting source.
  const open = platforms.length > 0 && !(kind === "Accounting" && linked.length);
  return (
    <div class={`kind ${linked.length ? "ready" : ""}`}>
      <span class="mark">
        {linked.length ? <Icon name="tick" size={24} /> : <Drawing d={DRAWINGS[kind]} size={24} />}
      </span>
      <div class="grow">
        <h3>
          {words.$kinds[kind]}
          {options.sourceTypes && optional && !linked.length && <span class="tag">{words.$optional}</span>}
        </h3>
        {linked.length ? (
          <ul class="small">
            {linked.map(({ id, platformName, connectedCompanyName }) => (
              <li key={id}>
                <b>{platformName}</b>
                {connectedCompanyName && <span class="soft"> · {connectedCompanyName}</span>}
              </li>
            ))}
          </ul>
        ) : (
          <p class="soft small">{platforms.length ? words.$kindTexts[kind] : say(words.$nothingText)}</p>
        )}
      </div>
      {open && (
        <Button look={linked.length ? "" : "primary"} onClick={() => (ui.follow(), session.go({ at: "choose", kind }))}>
          {linked.length ? words.$another : words.$connect}
          <span class="sr">{words.$kinds[kind]}</span>
        </Button>
      )}
    </div>
  );
}

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
