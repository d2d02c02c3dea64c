/** The question for a further purpose, of what is connected already. */
import { Component, Fragment, h } from "preact";
import { Button, Logo, markdown, Note, Page, Theirs, Title } from "../../../connections/src/views/parts";
import type { Failure } from "../../../connections/src/server/api";
import { asFailure } from "../../../connections/src/server/watch";
import type { Begun, Kind, Wording } from "../api";
import type { CodatTextOptions } from "../types";
import { Prose } from "./prose";
import { keyOf, type Ui } from "./ui";

/** The question for a further purpose, of a connection. */
interface Question {
  connection: Begun;
  wording: Wording;
  /** What the words are known by, if they are the client's own and not the page's. */
  version?: string | undefined;
  language?: string | undefined;
}

const ASKED = ["title", "subtitle", "termsAndConditions"] as const;

/**
 * The question that is to be asked of a connection: in the page's words, else in the client's. None without a purpose, and none that was
 * answered.
 */
function questionOf(page: CodatTextOptions | undefined, ui: Ui, connection: Begun): Question | undefined {
  const { additionalConsent, platformName, sourceType } = connection;
  const key = keyOf(sourceType as Kind);
  const wording: Wording = {};
  for (const name of ASKED) {
    const old = name === ASKED[2] ? undefined : page?.[`${key}.dataAccess.additionalConsent.${name}`];
    const text = page?.[`${key}.additionalConsents.${name}`] ?? old;
    if (typeof text === "string" && text.trim()) wording[name] = ui.say(text, { platformName });
  }
  if (Object.keys(wording).length) {
    const same = (other: Wording) => ASKED.every((name) => other[name] === wording[name]);
    const purpose = wording[ASKED[0]] || wording[ASKED[1]];
    return purpose && !additionalConsent?.answered.some(same) ? { connection, wording } : undefined;
  }
  const asked = additionalConsent?.asked;
  return asked && { connection, wording: asked, version: asked.version, language: asked.language };
}

/** The next question of what was connected when the visit began; null if there is none. `page` has the texts of the page's own. */
export function nextQuestion(ui: Ui, page: CodatTextOptions | undefined): Question | null {
  for (const connection of ui.view.connections) {
    const asks = connection.status === "Linked" && ui.session.known.has(connection.id);
    const question = asks && questionOf(page, ui, connection);
    if (question) return question;
  }
  return null;
}

interface FurtherProps {
  ui: Ui;
  question: Question;
}

interface State {
  /** The answer that is on its way. */
  sending?: boolean | undefined;
  failure?: Failure | null;
}

export class Further extends Component<FurtherProps, State> {
  override state: State = {};

  override render({ ui, question }: FurtherProps, { sending, failure }: State) {
    const { words, view } = ui;
    const { connection, wording, language } = question;
    const platform = connection.platformName;
    const say = (text: string) => ui.say(text, { platform, account: connection.connectedCompanyName || view.companyName });
    const title = wording.title ?? say(words.$furtherTitle);
    const purpose = wording["subtitle"] ?? "";
    const terms = wording.termsAndConditions;
    const facts = [say(words.$furtherText), words.$furtherEnds];
    const logoUrl = view.platforms.find(({ key }) => key === connection.integrationKey)?.logoUrl;
    const busy = sending !== undefined;
    const choice = (given: boolean, text: string) => (
      <Button look={given ? "primary" : ""} onClick={() => busy || void this.#send(given, shown)}>
        {sending === given && <span class="spin" aria-hidden="true" />}
        {text}
      </Button>
    );
    // Everything that is on the screen, as the consent screen's text has it.
    const shown = [`# ${title}`, purpose, ...facts, terms].filter(Boolean).join("\n\n");
    return (
      <Page
        ui={ui}
        busy={busy}
        actions={
          <>
            {terms && (
              <div class="small soft stack" lang={language} dir="auto">
                <Prose text={terms} />
              </div>
            )}
            {choice(true, words.$agree)}
            {choice(false, words.$refuse)}
            <button type="button" class="text" onClick={() => busy || (ui.follow(), goOn(question, ui))}>
              {words.$later}
            </button>
          </>
        }
      >
        <Logo ui={ui} connection={{ platformName: platform, logoUrl }} large />
        <div class="stack" lang={wording.title && language} dir="auto">
          <Title>{markdown([title])}</Title>
        </div>
        {purpose && (
          <div class="stack" lang={language} dir="auto">
            <Prose text={purpose} />
          </div>
        )}
        {failure && (
          <Note kind="bad" role="alert" title={words.$furtherFailed}>
            {failure.message && <Theirs>{failure.message}</Theirs>}
          </Note>
        )}
        <div class="soft stack">
          {facts.map((fact) => (
            <p>{fact}</p>
          ))}
        </div>
      </Page>
    );
  }

  async #send(given: boolean, shown: string) {
    const { ui, question } = this.props;
    const { session } = ui;
    this.setState({ sending: given, failure: null });
    ui.follow();
    const failure = await answer(question, given, ui);
    if (failure?.kind === "expired") session.fail(failure);
    // It was answered elsewhere, or the words are others by now.
    else if (failure && failure.status !== 409) session.report(failure);
    else {
      if (given && !failure) session.consented(shown);
      goOn(question, ui);
    }
    this.setState({ sending: undefined, failure });
  }
}

/** Asks no more for this connection in this visit. */
function goOn({ connection }: Question, { session }: Ui): void {
  session.known.delete(connection.id);
  session.go({ at: "main" });
}

/** Puts the answer on record, to the client's words or to those of the page. Resolves to the failure, if there is one. */
async function answer({ connection, wording, version }: Question, given: boolean, { session, words }: Ui): Promise<Failure | null> {
  const path = `/connections/${encodeURIComponent(connection.id)}/additionalConsents`;
  const to = version ? { version } : { ...wording, language: words.$lang };
  try {
    await session.api.json("POST", path, { answer: given ? "given" : "refused", ...to });
    return null;
  } catch (error) {
    return asFailure(error);
  }
}
