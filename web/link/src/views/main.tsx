/** The first pages: the landing page, and the kinds of platforms. */
import { Fragment, h } from "preact";
import { Button, Drawing, Icon, isFrom, Logo, markdown, Page, Title } from "../../../connections/src/views/parts";
import type { Kind } from "../api";
import { Prose, plain } from "./prose";
import { begunOf, isOfFiles, linkedOf, neededOf, offersOf, type Offer, type Ui } from "./ui";

const DRAWINGS: Record<Kind, string> = {
  Accounting: "M5 4a2 2 0 0 1 2-2h12v20H7a2 2 0 0 1-2-2zM5 20a2 2 0 0 1 2-2h12M9 7h6M9 11h6",
  Banking: "M3 9l9-6 9 6zM5 9v9M10 9v9M14 9v9M19 9v9M3 21h18",
  Commerce: "M5 8h14l1 13H4zM8 11V7a4 4 0 0 1 8 0v4",
  BusinessDocuments: "M6 2h8l5 5v15H6zM14 2v5h5M9 12h6M9 16h6",
};

export function Landing({ ui }: { ui: Ui }) {
  const { words, say, own, session } = ui;
  const logo = ui.view.provider.logoUrl;
  const hero = ui.view.settings?.heroImage;
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
        {hero && isFrom(hero, session.api.address, location.href) && (
          <img class="hero" src={hero} alt="" onError={(event) => event.currentTarget.remove()} />
        )}
        {logo && <Logo ui={ui} connection={{ platformName: ui.view.provider.name, logoUrl: logo }} from={location.href} large />}
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
  const known = view.connections.filter(({ status }) => status !== "PendingAuth");
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
      {known.length > 0 && (
        <button type="button" class="row managed" onClick={() => (ui.follow(), session.manage("list"))}>
          <b class="grow">{words.$manage}</b>
          {known.some(({ status }) => status === "Deauthorized") && <span class="badge Deauthorized">{words.$attention}</span>}
          <Icon name="next" />
        </button>
      )}
    </Page>
  );
}

function KindCard({ ui, offer }: { ui: Ui; offer: Offer }) {
  const { words, say, view, options, session } = ui;
  const { kind, platforms, upload, optional } = offer;
  const linked = linkedOf(view, kind);
  // A company has one accounting source.
  const open = platforms.length > 0 && !(kind === "Accounting" && linked.some((each) => !isOfFiles(each)));
  const begun = open && begunOf(view, offer);
  const missing = !platforms.length && !upload && !linked.length;
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
            {linked.map((each) => (
              <li key={each.id}>
                <b>{isOfFiles(each) ? words.$files : each.platformName}</b>
                {each.connectedCompanyName && <span class="soft"> · {each.connectedCompanyName}</span>}
              </li>
            ))}
          </ul>
        ) : (
          <p class="soft small">{platforms.length || upload ? words.$kindTexts[kind] : say(words.$nothingText)}</p>
        )}
      </div>
      {begun && (
        <Button look="primary" onClick={() => (ui.follow(), void session.choose(begun))}>
          {say(words.$resume, { platform: begun.name })}
        </Button>
      )}
      {(open || missing) && (
        <Button
          look={linked.length || begun || missing ? "" : "primary"}
          onClick={() => (ui.follow(), session.go({ at: "choose", kind }))}
        >
          {missing ? say(words.$tell) : linked.length ? words.$another : words.$connect}
          <span class="sr">{words.$kinds[kind]}</span>
        </Button>
      )}
      {upload && (
        <Button onClick={() => (ui.follow(), session.go({ at: "files", kind }))}>
          {words.$upload}
          <span class="sr">{words.$kinds[kind]}</span>
        </Button>
      )}
    </div>
  );
}
