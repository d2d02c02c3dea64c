/** The machine of a platform that calls: when it was heard from, what is in its way, and the times at which it is read. */
import { Component, h } from "preact";
import type { Connection, Failure, Hours, Machine } from "../server/api";
import { Button, Note, Theirs } from "./parts";
import { capitalised, type Ui } from "./ui";

const DAY_MS = 86_400_000;

interface Props {
  ui: Ui;
  connection: Connection;
  machine: Machine;
}

interface State {
  /** Newer than the last reading of everything. */
  answer?: Machine | null;
  /** The connection's newest event when it came. */
  before?: string | null;
  busy?: boolean;
  failed?: string | null;
  /** The hours that are being set. */
  hours?: Hours | null;
}

export class Reading extends Component<Props, State> {
  #set = async (pausedUntil: string | null, hours: Hours | null) => {
    const { ui, connection } = this.props;
    this.setState({ busy: true, failed: null });
    const before = connection.lastEvent ?? null;
    try {
      const answer: Machine = await ui.session.api.json("PUT", `/connections/${connection.id}/machine`, { pausedUntil, hours });
      this.setState({ busy: false, answer, before, hours: null });
    } catch (error) {
      // One without a kind means that the network failed.
      const { kind, message } = error as Failure;
      this.setState({ busy: false, failed: kind ? message : "" });
    }
  };

  #save = (event: Event) => {
    event.preventDefault();
    const { pausedUntil } = this.#machine();
    void this.#set(pausedUntil ?? null, this.state.hours!);
  };

  #machine(): Machine {
    const { answer, before } = this.state;
    const { connection, machine } = this.props;
    return answer && before === (connection.lastEvent ?? null) ? answer : machine;
  }

  #change = (part: Partial<Hours>) => this.setState({ hours: { ...this.state.hours!, ...part } });

  #time(name: "from" | "to", label: string) {
    return (
      <label>
        {label}
        <input
          type="time"
          name={name}
          required
          value={this.state.hours![name]}
          onInput={(event) => this.#change({ [name]: event.currentTarget.value })}
        />
      </label>
    );
  }

  override render() {
    const { words, say, dates } = this.props.ui;
    const { busy, failed, hours } = this.state;
    const machine = this.#machine();
    const { program, lastHeardFrom, trouble, pausedUntil } = machine;
    const set = machine.hours ?? null;
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    return (
      <div class="stack">
        <h3>{words.$reading}</h3>
        {trouble && (
          <Note kind="warn" title={words.$trouble}>
            <Theirs>{trouble}</Theirs>
          </Note>
        )}
        {pausedUntil && (
          <Note role="status" title={words.$paused}>
            <p>{say(words.$pausedText, { when: dates.dateTime(pausedUntil)! })}</p>
          </Note>
        )}
        {failed != null && (
          <Note kind="bad" role="alert">
            {failed ? <Theirs>{failed}</Theirs> : <p>{words.$errorText}</p>}
          </Note>
        )}
        <dl class="facts">
          <div>
            <dt>{say(words.$heard, { program })}</dt>
            <dd>
              {capitalised(dates.ago(lastHeardFrom) ?? words.$neverActive)}
              <span class="soft small">{dates.dateTime(lastHeardFrom)}</span>
            </dd>
          </div>
          <div>
            <dt>{words.$hours}</dt>
            <dd>
              {set ? say(words.$between, { from: set.from, to: set.to, zone: set.timeZone }) : words.$anytime}
              {set?.wholeWeekends && <span class="soft small">{words.$weekends}</span>}
            </dd>
          </div>
        </dl>
        {hours ? (
          <form class="stack hours" onSubmit={this.#save}>
            {this.#time("from", words.$from)}
            {this.#time("to", words.$to)}
            <label>
              <input
                type="checkbox"
                name="wholeWeekends"
                checked={hours.wholeWeekends}
                onChange={(event) => this.#change({ wholeWeekends: event.currentTarget.checked })}
              />
              {words.$weekends}
            </label>
            <p class="soft small">
              <code>{hours.timeZone}</code>
            </p>
            <button class="button" part="button" aria-disabled={busy ? "true" : undefined}>
              {words.$save}
            </button>
            {set && (
              <Button busy={!!busy} onClick={() => void this.#set(pausedUntil ?? null, null)}>
                {words.$anytime}
              </Button>
            )}
          </form>
        ) : (
          <div class="actions">
            <Button
              busy={!!busy}
              onClick={() =>
                void this.#set(pausedUntil ? null : new Date(Date.now() + DAY_MS).toISOString(), set)
              }
            >
              {pausedUntil ? words.$resume : words.$pause}
            </Button>
            <Button
              onClick={() =>
                this.setState({ hours: set ?? { timeZone: zone, from: "19:00", to: "07:00", wholeWeekends: true } })
              }
            >
              {words.$hoursChange}
            </Button>
          </div>
        )}
      </div>
    );
  }
}
