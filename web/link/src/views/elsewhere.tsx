/** The link to go on with on another device, or to give to the person who signs in: as a code, and as text. */
import { Component, h } from "preact";
import { Button, Page, Title } from "../../../connections/src/views/parts";
import type { Place } from "../session";
import { codeOf } from "./code";
import type { Ui } from "./ui";

/** Light modules around a code (ISO/IEC 18004, 9.1). */
const QUIET = 4;

interface ElsewhereProps {
  ui: Ui;
  place: Place;
}

export class Elsewhere extends Component<ElsewhereProps, { copied: boolean }> {
  override state = { copied: false };
  #field: HTMLInputElement | null = null;

  #copy = async () => {
    this.#field?.select();
    try {
      await navigator.clipboard.writeText(this.props.place.link!);
      this.setState({ copied: true });
    } catch {
      // It is selected, for the customer to copy.
      this.#field?.focus();
    }
  };

  override render({ ui, place }: ElsewhereProps, { copied }: { copied: boolean }) {
    const { words, session } = ui;
    const link = place.link!;
    const program = place.told?.access.program ?? "";
    const say = (text: string) => ui.say(text, { platform: place.platform!.name, link, program });
    const mail = `mailto:?subject=${encodeURIComponent(say(words.$mailSubject))}&body=${encodeURIComponent(say(program ? words.$mailSetUp : words.$mailText))}`;
    return (
      <Page ui={ui} back={() => (ui.follow(), session.leaveJourney())}>
        <div class="stack">
          <Title>{say(words.$passTitle)}</Title>
          <p class="soft">{words.$passText}</p>
        </div>
        <div class="stack scan">
          <h3>{words.$scanTitle}</h3>
          <p class="soft">{words.$scanText}</p>
          <Code text={link} label={words.$scanLabel} />
        </div>
        <div class="stack">
          <h3>{words.$sendTitle}</h3>
          <p class="soft">{say(program ? words.$sendSetUp : words.$sendText)}</p>
          <input
            class="passed"
            readOnly
            dir="ltr"
            aria-label={say(words.$linkLabel)}
            value={link}
            ref={(field) => void (this.#field = field)}
            onFocus={(event) => event.currentTarget.select()}
          />
          <Button look="primary" onClick={() => void this.#copy()}>
            {copied ? words.$copied : words.$copy}
          </Button>
          <span class="sr" role="status">
            {copied && words.$copied}
          </span>
          <a class="button" part="button" href={mail}>
            {words.$mail}
          </a>
          <p class="soft small">{say(words.$linkLives)}</p>
        </div>
      </Page>
    );
  }
}

function Code({ text, label }: { text: string; label: string }) {
  const modules = codeOf(text);
  if (!modules) return null;
  const size = modules.length + 2 * QUIET;
  const dark = modules.flatMap((row, y) => row.map((on, x) => (on ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : "")));
  return (
    <svg class="code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <path d={dark.join("")} />
    </svg>
  );
}
