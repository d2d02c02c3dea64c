/** Uploading files: chosen or dropped, sent one after another, each with its progress and its own end. */
import { Component, Fragment, h } from "preact";
import { Failure } from "../../../connections/src/server/api";
import { asFailure } from "../../../connections/src/server/watch";
import { Button, Icon, Page, Theirs, Title } from "../../../connections/src/views/parts";
import type { Begun, Kind } from "../api";
import type { Strings } from "../locales/en";
import type { CodatTextOptions } from "../types";
import { plain, Prose } from "./prose";
import { keyOf, uploadOf, type Ui } from "./ui";

/** The platform's own bounds, which it holds in any case. */
const MOST = 20;
const MOST_BYTES = 10 * 1024 * 1024;
const TYPES = "pdf xls xlsx xlsb csv doc docx ppt pptx jpeg jpg png".split(" ");

/** The word of a file's source in the platform's list. */
const SOURCES: Record<string, string> = { Accounting: "Accounting", Banking: "Banking", BusinessDocuments: "Other" };

/** The reasons of the platform's refusals, by the rules that it names. (Names of words are shortened: none is looked up by a string.) */
const REASONS = {
  Type: (words: Strings) => words.$fileType,
  Empty: (words: Strings) => words.$fileEmpty,
  Size: (words: Strings) => words.$fileLarge,
  Count: (words: Strings) => words.$fileMany,
  Name: (words: Strings) => words.$fileName,
  Content: (words: Strings) => words.$fileContent,
  Infected: (words: Strings) => words.$fileInfected,
  Unscanned: (words: Strings) => words.$fileUnscanned,
  Room: (words: Strings) => words.$fileRoom,
  Lost: (words: Strings) => words.$fileLost,
  Failed: (words: Strings) => words.$fileFailed,
};
type Reason = keyof typeof REASONS;

interface Item {
  id: number;
  file: File;
  at: "ready" | "sending" | "sent" | "failed";
  /** From 0 to 1. */
  done: number;
  reason?: Reason | undefined;
  /** The platform's own sentence for a reason that isn't known here. */
  theirs?: string | undefined;
}

interface FilesProps {
  ui: Ui;
  kind: Kind;
}

interface FilesState {
  items: Item[];
  /** Names of the files that are there. */
  before: string[];
  isOver: boolean;
  isBusy: boolean;
  said: string;
}

export class Files extends Component<FilesProps, FilesState> {
  override state: FilesState = { items: [], before: [], isOver: false, isBusy: false, said: "" };
  #next = 0;
  #request: XMLHttpRequest | null = null;
  #isGone = false;

  override componentDidMount() {
    void this.#list();
  }

  override componentWillUnmount() {
    this.#isGone = true;
    this.#request?.abort();
  }

  /** The row whose button has the focus; -1 if none has. */
  override getSnapshotBeforeUpdate(): number {
    const focused = this.#focused();
    return this.#rows().findIndex((row) => row.contains(focused));
  }

  /** A button that is gone leaves the focus to the next one: of its row, of a row below, or to the choice of files. */
  override componentDidUpdate(_props: FilesProps, _state: FilesState, row: number) {
    if (row < 0 || this.#rows().some((each) => each.contains(this.#focused()))) return;
    const below = this.#rows().slice(row);
    const next = below.map((each) => each.querySelector("button")).find(Boolean) ?? this.#page().querySelector<HTMLElement>(".pick input");
    next?.focus();
  }

  /** The component's own tree: the page has several roots. */
  #page = () => this.base?.getRootNode() as ShadowRoot;
  #rows = () => [...this.#page().querySelectorAll(".file")];
  #focused = () => this.#page().activeElement;

  /** Has a screen reader say how many files are chosen: the list itself says nothing when it changes. */
  #sayChosen = () =>
    this.setState(({ items }, { ui }) => {
      const count = items.filter(({ at }) => at === "ready").length;
      return { said: `${ui.words.$filesChosen}: ${new Intl.NumberFormat(ui.locale).format(count)}` };
    });

  /** Reads the names of what was uploaded before; without them the page works as well. */
  async #list() {
    const { ui, kind } = this.props;
    try {
      const all = await ui.session.api.json("GET", "/files");
      if (this.#isGone || !Array.isArray(all)) return;
      const own = all.filter(({ sourceType }) => sourceType === SOURCES[kind]);
      this.setState({ before: own.map(({ fileName }) => String(fileName)) });
    } catch {
      // Said by the next thing that the customer does, if it lasts.
    }
  }

  #add = (files: FileList | null | undefined) => {
    const { items } = this.state;
    let open = items.filter(({ at }) => at === "ready").length;
    const added = Array.from(files ?? [], (file): Item => {
      const type = /[^.]\.([^.]+)$/.exec(file.name)?.[1]?.toLowerCase() ?? "";
      const reason: Reason | undefined = !TYPES.includes(type)
        ? "Type"
        : !file.size
          ? "Empty"
          : file.size > MOST_BYTES
            ? "Size"
            : open >= MOST
              ? "Count"
              : undefined;
      if (!reason) open++;
      return { id: this.#next++, file, at: reason ? "failed" : "ready", done: 0, reason };
    });
    this.setState({ items: [...items, ...added] });
    this.#sayChosen();
  };

  #change(id: number, change: Partial<Item>) {
    if (this.#isGone) return;
    const changed = (item: Item) => (item.id === id ? { ...item, ...change } : item);
    this.setState(({ items }) => ({ items: items.map(changed) }));
  }

  #remove(id: number) {
    this.setState(({ items }) => ({ items: items.filter((item) => item.id !== id) }));
    this.#sayChosen();
  }

  /** Sends what is ready, one after another. */
  #send = async () => {
    const { ui, kind } = this.props;
    const { session } = ui;
    if (this.state.isBusy) return;
    this.setState({ isBusy: true, said: "" });
    let sent = 0;
    let begun: Begun | undefined;
    try {
      begun = await session.begin(uploadOf(ui.view, kind)!.key);
      for (let item = this.#ready(); item && !this.#isGone; item = this.#ready()) {
        if (await this.#sendOne(begun, item)) sent++;
      }
    } catch (error) {
      const failure = asFailure(error);
      const lost = failure.kind !== "refused";
      const change = { at: "failed", reason: lost ? "Lost" : undefined, theirs: failure.message || undefined } as const;
      for (const { id, at } of this.state.items) if (at === "ready" || at === "sending") this.#change(id, change);
      if (failure.kind === "expired") session.fail(failure);
      else session.report(failure);
    }
    if (begun && sent) session.filesArrived(begun);
    if (this.#isGone) return;
    this.setState({ isBusy: false, said: sent ? this.#counted(sent) : "" });
  };

  #ready() {
    return this.state.items.find(({ at }) => at === "ready");
  }

  #counted(count: number) {
    const { ui } = this.props;
    const form = new Intl.PluralRules(ui.words.$lang).select(count);
    const { $filesCount } = ui.words;
    return ui.say($filesCount[form] ?? $filesCount["other"]!, { count: new Intl.NumberFormat(ui.locale).format(count) });
  }

  /** True if the file has arrived. */
  async #sendOne(begun: Begun, { id, file }: Item): Promise<boolean> {
    const { session } = this.props.ui;
    this.#change(id, { at: "sending", done: 0, reason: undefined, theirs: undefined });
    for (let again = false; ; again = true) {
      const { status, text } = await this.#post(begun.id, file, (done) => this.#change(id, { done }));
      // A platform that refuses the token may close the line before the browser has sent everything: no status is known then.
      if ((status === 401 || status === 0) && !again) {
        const [, token] = session.api.way("");
        // A reading by `fetch` has the host renew the token.
        await session.api.json("GET", "/files");
        if (status || session.api.way("")[1] !== token) continue;
      }
      if (status === 200) {
        this.#change(id, { at: "sent", done: 1 });
        return true;
      }
      // The customer has cancelled it.
      if (status < 0) return false;
      let answer: { error?: string; correlationId?: string; validation?: { errors?: { validatorName?: string }[] } } = {};
      try {
        answer = JSON.parse(text);
      } catch {
        // A proxy's page, or nothing: only the status is known.
      }
      const rule = answer.validation?.errors?.[0]?.validatorName ?? "";
      const known = rule in REASONS ? (rule as Reason) : status === 0 ? "Lost" : undefined;
      this.#change(id, { at: "failed", reason: known ?? (answer.error ? undefined : "Failed"), theirs: answer.error });
      if ((!rule || known === "Unscanned") && status) session.report(new Failure("refused", answer.error ?? "", status, answer.correlationId ?? ""));
      return false;
    }
  }

  /** `fetch` tells of no progress. The status is 0 if the line was lost, and -1 if the customer has cancelled. */
  #post(connection: string, file: File, progress: (done: number) => void): Promise<{ status: number; text: string }> {
    const [address, token] = this.props.ui.session.api.way(`/connections/${encodeURIComponent(connection)}/files`);
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      this.#request = request;
      request.open("POST", address);
      request.setRequestHeader("Authorization", `Bearer ${token}`);
      request.upload.onprogress = ({ loaded, total }) => progress(total ? Math.min(loaded / total, 1) : 0);
      request.onload = () => resolve({ status: request.status, text: request.responseText });
      request.onerror = () => resolve({ status: 0, text: "" });
      request.onabort = () => resolve({ status: -1, text: "" });
      const form = new FormData();
      form.append("file", file, file.name);
      request.send(form);
    });
  }

  #over = (isOver: boolean) => (event: DragEvent) => {
    event.preventDefault();
    if (isOver !== this.state.isOver) this.setState({ isOver });
  };

  #drop = (event: DragEvent) => {
    event.preventDefault();
    this.setState({ isOver: false });
    this.#add(event.dataTransfer?.files);
  };

  override render({ ui, kind }: FilesProps, { items, before, isOver, isBusy, said }: FilesState) {
    const { words, session } = ui;
    const size = this.#size(MOST_BYTES);
    const count = new Intl.NumberFormat(ui.locale).format(MOST);
    const own = ui.own(`${keyOf(kind)}.fileUpload.subtitle` as keyof CodatTextOptions);
    const ready = items.some(({ at }) => at === "ready");
    const sent = items.some(({ at }) => at === "sent");
    const toMain = () => (ui.follow(), session.go({ at: "main" }));
    return (
      <Page
        ui={ui}
        back={isBusy ? undefined : toMain}
        actions={
          <>
            {(ready || isBusy || !sent) && (
              <Button look="primary" busy={isBusy} onClick={() => void (ready && this.#send())}>
                {isBusy ? words.$filesSending : words.$filesSend}
              </Button>
            )}
            {sent && !isBusy && (
              <Button look={ready ? "" : "primary"} onClick={toMain}>
                {words.$continue}
              </Button>
            )}
          </>
        }
      >
        <div class="stack">
          <Title>{words.$filesTitles[kind]}</Title>
          <div class="soft stack">{own ? <Prose text={own} /> : <p>{plain(ui.say(words.$filesText))}</p>}</div>
        </div>
        <div
          class={`drop ${isOver ? "over-it" : ""}`}
          onDragEnter={this.#over(true)}
          onDragOver={this.#over(true)}
          onDragLeave={this.#over(false)}
          onDrop={this.#drop}
        >
          <p class="by-pointer">
            <b>{words.$filesDrop}</b>
          </p>
          <label class="button pick">
            {words.$filesChoose}
            <input
              type="file"
              multiple
              accept={TYPES.map((type) => `.${type}`).join()}
              onChange={({ currentTarget }) => {
                this.#add(currentTarget.files);
                // The same file may be chosen again.
                currentTarget.value = "";
              }}
            />
          </label>
          <p class="soft small">{ui.say(words.$filesRules, { count, size, types: TYPES.join(", ") })}</p>
        </div>
        {items.length > 0 && (
          <ul class="files" aria-label={words.$filesChosen}>
            {items.map((item) => (
              <li class="file" key={item.id}>
                {this.#row(item, size, count)}
              </li>
            ))}
          </ul>
        )}
        <p class="sr" role="status">
          {said}
        </p>
        {before.length > 0 && (
          <div class="stack">
            <h3>{words.$filesBefore}</h3>
            <ul class="small">
              {before.map((name) => (
                <li>
                  <bdi>{name}</bdi>
                </li>
              ))}
            </ul>
          </div>
        )}
        <p class="soft small">{ui.say(words.$filesKept)}</p>
      </Page>
    );
  }

  #size(bytes: number) {
    const { locale } = this.props.ui;
    const large = bytes >= 1024 * 1024;
    const unit = large ? "megabyte" : "kilobyte";
    const number = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: large ? 1 : 0 });
    return number.format(Math.max(bytes / (large ? 1024 * 1024 : 1024), 1));
  }

  #row({ id, file, at, done, reason, theirs }: Item, size: string, count: string) {
    const { ui } = this.props;
    const { words } = ui;
    const sending = done < 1 ? words.$filesSending : words.$filesChecking;
    const state = at === "ready" ? words.$filesWaiting : at === "sending" ? sending : at === "sent" && words.$filesSent;
    const mayRetry = reason === "Lost" || reason === "Unscanned" || reason === "Failed" || !reason;
    return (
      <>
        <div class="grow">
          <b>
            <bdi>{file.name}</bdi>
          </b>
          <p class="soft small">
            {this.#size(file.size)}
            {state && ` · ${state}`}
          </p>
          {at === "failed" && (
            <div class="bad small" role="alert">
              {reason ? <p>{ui.say(REASONS[reason](words), { size, count })}</p> : <Theirs>{theirs}</Theirs>}
            </div>
          )}
          {at === "sending" && <progress max={1} value={done} aria-label={file.name} />}
        </div>
        {at === "sent" && <Icon name="tick" />}
        {at === "failed" && mayRetry && (
          <button
            type="button"
            class="text"
            onClick={() => (this.#change(id, { at: "ready" }), setTimeout(() => void this.#send()))}
          >
            {words.$retry}
            <span class="sr">{file.name}</span>
          </button>
        )}
        {at !== "sent" && (
          <button
            type="button"
            class="text"
            onClick={() => {
              if (at === "sending") this.#request?.abort();
              this.#remove(id);
            }}
          >
            {at === "sending" ? words.$filesCancel : words.$filesRemove}
            <span class="sr">{file.name}</span>
          </button>
        )}
      </>
    );
  }
}
