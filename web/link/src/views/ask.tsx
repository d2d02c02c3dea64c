/** One platform: what its customer must know, the way to it, and the end by the server. */
import { Component, Fragment, h } from "preact";
import {
  Button, Drawing, Icon, isFrom, Logo, markdown, Message, Note, Page, Theirs, Ticks, Title,
} from "../../../connections/src/views/parts";
import type { Place } from "../session";
import type { Kind } from "../api";
import { consentOf, toMarkdown, type Part, type Section } from "./consent";
import { plain, Prose } from "./prose";
import { keyOf, type Ui } from "./ui";

export interface AskProps {
  ui: Ui;
  place: Place;
}

export function Ask({ ui, place }: AskProps) {
  const { words, session } = ui;
  const { platform, id, told, trouble } = place;
  const connection = session.connection(id);
  const say = (text: string) => ui.say(text, { platform: platform!.name });
  const toMain = () => (ui.follow(), session.go({ at: "main" }));
  const toPlatforms = () => (ui.follow(), session.go({ at: "choose", kind: place.kind! }));

  if (connection?.status === "Linked") {
    const more = platform!.sourceType === "Banking";
    const account = connection.connectedCompanyName || ui.view.companyName;
    const beside = ui.view.connections.filter((other) => other.beside === id && other.status === "Linked");
    const accounts = [account, ...beside.map((other) => other.connectedCompanyName || other.platformName).sort()];
    return (
      <Page
        ui={ui}
        actions={
          <>
            <Button look="primary" onClick={toMain}>
              {words.$continue}
            </Button>
            {more && <Button onClick={toPlatforms}>{words.$another}</Button>}
          </>
        }
      >
        <Message icon="tick" tone="good" title={say(words.$connectedTitle)}>
          <p>
            {beside.length
              ? ui.say(words.$connectedSeveral, { platform: platform!.name, accounts: ui.listed(accounts) })
              : ui.say(words.$connectedText, { platform: platform!.name, account })}
          </p>
          {more && <p>{ui.say(words.$moreBanks)}</p>}
        </Message>
      </Page>
    );
  }

  if (trouble) {
    return (
      <Page
        ui={ui}
        back={toPlatforms}
        actions={
          <>
            <Button look="primary" onClick={() => (ui.follow(), void session.choose(platform!))}>
              {words.$retry}
            </Button>
            <Button onClick={toPlatforms}>{words.$elsewhere}</Button>
          </>
        }
      >
        <Message icon="alert" tone="warn" title={say(words.$notNow)}>
          {trouble.message ? <Theirs>{trouble.message}</Theirs> : <p>{words.$errorText}</p>}
          {trouble.correlationId && <p class="small">{ui.say(words.$reference, { id: trouble.correlationId })}</p>}
        </Message>
      </Page>
    );
  }

  if (!connection || !told) {
    return (
      <Page ui={ui} back={toPlatforms} busy>
        <Message icon="spin" title={say(words.$preparing)} />
      </Page>
    );
  }

  const { journey } = session.state;
  const stage = journey?.id === id ? journey : null;
  if (stage?.step === "waiting" || stage?.step === "blocked") {
    const blocked = stage.step === "blocked";
    const look = `button ${blocked ? "primary" : ""}`;
    return (
      <Page
        ui={ui}
        back={() => (ui.follow(), session.leaveJourney())}
        actions={
          <a
            class={look}
            part="button"
            href={session.addressOf(connection.linkUrl)}
            target="_blank"
            rel="noopener"
            onClick={() => (ui.follow(), session.awaitReturn(id!))}
          >
            {blocked ? say(words.$open) : words.$openAgain}
            <Icon name="window" />
            <span class="sr">{words.$newWindow}</span>
          </a>
        }
      >
        <Message icon={blocked ? "window" : "spin"} title={blocked ? words.$blockedTitle : say(words.$waitingTitle)}>
          <p>{blocked ? words.$blockedText : words.$waitingText}</p>
        </Message>
      </Page>
    );
  }
  return <Asked ui={ui} place={place} failed={stage?.step === "failed"} reason={stage?.reason} opening={stage?.step === "opening"} />;
}

interface AskedProps extends AskProps {
  opening: boolean;
  failed: boolean;
  reason?: string | undefined;
}

function Asked({ ui, place, opening, failed, reason }: AskedProps) {
  const { words, session } = ui;
  const platform = place.platform!;
  const say = (text: string) => ui.say(text, { platform: platform.name });
  const consent = consentOf(ui, platform, place.told!);
  return (
    <Page
      ui={ui}
      back={() => (ui.follow(), session.go({ at: "choose", kind: place.kind! }))}
      actions={
        <>
          {[consent.terms, consent.support].map(
            (text) =>
              text && (
                <div class="small soft stack">
                  <Prose text={text} />
                </div>
              ),
          )}
          <Leave
            ui={ui}
            place={place}
            busy={opening}
            onClick={() => {
              ui.follow();
              session.agree(place.id!, toMarkdown(consent), say(words.$opening));
            }}
          />
          <button type="button" class="text" onClick={() => (ui.follow(), void session.passOn(place.id!))}>
            {words.$passOn}
          </button>
        </>
      }
    >
      <Logo ui={ui} connection={{ ...platform, platformName: platform.name }} large />
      <div class="stack">
        <Title>{markdown([consent.title])}</Title>
        <div class="soft stack">
          <Prose text={consent.subtitle} />
        </div>
      </div>
      {failed && (
        <Note kind="bad" role="alert" title={say(words.$notConnected)}>
          {reason ? <Theirs>{reason}</Theirs> : <p>{words.$failedText}</p>}
        </Note>
      )}
      <div class="folds">
        {consent.sections.map((section) => (
          <Fold key={section.name} section={section} />
        ))}
      </div>
    </Page>
  );
}

/** A section of the consent; the purpose and the data are open at first. */
function Fold({ section }: { section: Section }) {
  return (
    <details open={section.name === "purpose" || section.name === "platformData"}>
      <summary>
        <h3>{section.title}</h3>
        <Drawing d="M6 9l6 6 6-6" size={20} />
      </summary>
      <div class="stack">{section.parts.map(partOf)}</div>
    </details>
  );
}

function partOf(part: Part) {
  if ("markdown" in part) return <Prose text={part.markdown} />;
  if ("text" in part) {
    return (
      <p lang={part.lang} dir={part.lang ? "auto" : undefined}>
        {part.text}
      </p>
    );
  }
  return (
    <div class="stack">
      {part.title && <h4>{part.title}</h4>}
      <Ticks items={part.markup ? markdown(part.items) : part.items} two />
    </div>
  );
}

interface LeaveProps {
  ui: Ui;
  place: Place;
  busy: boolean;
  onClick: () => void;
}

/** The button that leads to the platform: the platform's own picture of it, if it has one and the host has no words for it. */
class Leave extends Component<LeaveProps, { bare: boolean }> {
  override state = { bare: false };

  override render({ ui, place, busy, onClick }: LeaveProps, { bare }: { bare: boolean }) {
    const { words, session } = ui;
    const { name, buttonUrl, sourceType } = place.platform!;
    const program = place.told?.access.program;
    const goOn = program ? ui.say(words.$setUp, { program }) : ui.say(words.$goOn, { platform: name });
    const key = keyOf(sourceType as Kind);
    const own = ui.own(`${key}.consents.nextButton`) ?? ui.own(`${key}.dataAccess.nextButton`);
    const picture = !bare && !own && !busy && buttonUrl && isFrom(buttonUrl, session.api.address);
    const look = picture ? "brand" : "button primary";
    return (
      <button
        type="button"
        class={look}
        part="button"
        aria-disabled={busy}
        onClick={() => busy || onClick()}
      >
        {picture ? (
          // The picture's words are English in every language.
          <img lang="en" src={buttonUrl} alt={`Connect to ${name}`} onError={() => this.setState({ bare: true })} />
        ) : (
          <>
            {busy && <span class="spin" aria-hidden="true" />}
            {busy ? ui.say(words.$opening, { platform: name }) : own ? plain(own) : goOn}
          </>
        )}
        <span class="sr">{words.$newWindow}</span>
      </button>
    );
  }
}
