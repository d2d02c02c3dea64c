/** The component's state and its actions on the server, apart from the views. */
import { Failure, type CompanyView, type TimelineEntry } from "../../connections/src/server/api";
import { Parts } from "../../connections/src/parts/parts";
import { readToken } from "../../connections/src/server/token";
import { asFailure, Watch } from "../../connections/src/server/watch";
import { argsOf, LinkApi, type Begun, type Kind, type LinkView, type Platform, type Told } from "./api";
import type { ScreenName } from "../../connections/src/views/ui";
import { load, type All } from "./parts/load";
import type { CodatLinkProps } from "./types";

/** The customer's place in the component. */
export interface Place {
  at: "landing" | "main" | "choose" | "ask" | "files" | "manage";
  /** Of `choose`, `ask` and `files`. */
  kind?: Kind;
  /** Of `ask`, as all below. */
  platform?: Platform;
  /** The connection to it, once it is there; of `manage`, the one that is looked at. */
  id?: string;
  told?: Told;
  /** The link that was made for another device or another person. */
  link?: string;
  /** Of `manage`. */
  screen?: ScreenName;
  /** The reason for which one of them isn't there. */
  trouble?: Failure;
}

export class LinkSession extends Watch<LinkView, LinkApi> {
  place: Place;
  /** True while the customer is asked if the component should close. */
  leaving = false;
  /** What is known of the connections while the customer looks at them. */
  details: CompanyView | null = null;
  readonly parts: Parts<All>;
  readonly #props: CodatLinkProps;
  readonly #redraw: () => void;
  readonly #started = new Set<string>();
  readonly #agreed = new Set<string>();
  /** Connections that were Linked when the visit began: of these a further purpose may be asked. */
  readonly known = new Set<string>();
  #finished = false;
  /** True once the page's one-time link has given a token. */
  #entered = false;

  constructor(
    servedFrom: string | null,
    props: CodatLinkProps,
    language: string,
    inContext: (work: () => void) => void,
    changed: () => void,
  ) {
    super(
      props,
      inContext,
      changed,
      (getAccessToken, signal) => new LinkApi(servedFrom, props.accessToken ?? "", getAccessToken, signal, language),
    );
    this.#props = props;
    this.#redraw = changed;
    this.parts = new Parts(async (name, attempt) => {
      const part = await load(name, this.api.address, attempt);
      if ("prepare" in part) await part.prepare(language, this.api.address);
      return part;
    }, changed);
    this.place = { at: props.options?.showLandingPage ? "landing" : "main" };
  }

  protected override async read(): Promise<LinkView> {
    const { accessToken, companyId, link } = this.#props;
    if (link && !accessToken && !this.#entered) {
      await this.parts.bring("asking");
      const part = this.parts.get("asking");
      if (!part) throw this.parts.lacking;
      this.api.useToken(await part.enter(link, companyId, this.api.address));
      this.#entered = true;
    }
    const company = readToken(accessToken)?.companyId;
    if (company && companyId && company.toLowerCase() !== companyId.toLowerCase()) {
      throw new Failure("refused", `The access token is for company ${company}, not for companyId.`, 403);
    }
    const [view, details] = await Promise.all([this.api.linkView(), this.place.at === "manage" ? this.api.view() : null]);
    this.details = details;
    if (!this.state.view) {
      const { showLandingPage } = this.#props.options ?? {};
      if (showLandingPage ?? view.settings?.showLandingPage) this.place = { at: "landing" };
      for (const { id, status } of view.connections) {
        if (status === "Linked") this.known.add(id);
        // The host was told when it was begun, in this page before it was loaded anew or in another one.
        if (status === "PendingAuth") this.#started.add(id);
      }
    }
    return view;
  }

  override linked(begun: Begun): void {
    this.call(this.#props.onConnection, argsOf(begun));
  }

  protected override refused({ actor, reason }: TimelineEntry): void {
    // A customer who doesn't agree makes no error.
    if (actor !== "customer") this.call(this.#props.onError, { message: reason!, userRecoverable: true });
  }

  /** The window knows what was read here, and tells the end itself, in place of the host's redirect URL. */
  override addressOf(link: string): string {
    const { told } = this.place;
    const several = this.#props.options?.enableMultiEntityLinking;
    const wish = several === undefined ? "" : `&link.multiEntity=${several}`;
    return `${super.addressOf(link)}&link.embedded=true${wish}${told ? `&link.disclosure=${told.version}` : ""}`;
  }

  go(place: Place): void {
    this.place = place;
    this.parts.lacking = null;
    this.leaveJourney();
  }

  /** To the connections that there are, or to one of them. */
  manage(screen: ScreenName, id?: string): void {
    this.go({ at: "manage", screen, ...(id && { id }) });
    if (!this.details) void this.look();
  }

  /** Begins a connection to the platform, and reads what its customer must know. */
  async choose(platform: Platform): Promise<void> {
    const place: Place = { at: "ask", kind: platform.sourceType as Kind, platform };
    this.go(place);
    const move = (change: Partial<Place>) => {
      if (this.over || this.place !== place) return;
      Object.assign(place, change);
      this.#redraw();
    };
    try {
      const begun = await this.begin(platform.key);
      if (this.over) return;
      move({ id: begun.id });
      const told = await this.api.disclosure(begun.id);
      move({ told });
    } catch (error) {
      if (this.over) return;
      const failure = asFailure(error);
      if (failure.kind === "expired") this.fail(failure);
      else if (this.place === place) this.report(failure);
      move({ trouble: failure });
    }
  }

  /** Begins a connection, or goes on with the one that there is. */
  async begin(key: string): Promise<Begun> {
    const begun = await this.api.begin(key);
    this.#know(begun);
    if (begun.status !== "Linked" && !this.#started.has(begun.id)) {
      this.#started.add(begun.id);
      this.call(this.#props.onConnectionStarted, argsOf(begun));
    }
    return begun;
  }

  /** Files were uploaded: of a connection that has become Linked by them, the next reading brings it. */
  filesArrived(begun: Begun): void {
    if (begun.status === "Linked") this.linked(begun);
    void this.look();
  }

  /** Takes a connection into the view before the next reading has it: as the newest, before all others. */
  #know(begun: Begun): void {
    const { view } = this.state;
    if (!view || this.connection(begun.id)) return;
    this.overtake();
    this.set({ view: { ...view, connections: [begun, ...view.connections] } });
  }

  /** Makes a link for another device or another person, which ends at the host's redirect URL; the server tells how it goes. */
  async passOn(id: string): Promise<void> {
    const { place } = this;
    try {
      const link = await this.freshLink(id);
      if (this.over || this.place !== place) return;
      place.link = super.addressOf(link);
      this.awaitReturn(id);
    } catch (error) {
      if (this.over || this.place !== place) return;
      const failure = asFailure(error);
      if (failure.kind !== "expired") this.report(failure);
      this.set({ journey: { id, step: "failed", reason: failure.message } });
    }
  }

  /** The customer agrees to the consent screen; must run inside the click. */
  agree(id: string, text: string, opening: string): void {
    delete this.place.link;
    this.leave(id, opening);
    const consent = `${id} ${text}`;
    if (this.#agreed.has(consent)) return;
    this.#agreed.add(consent);
    this.consented(text);
  }

  consented(text: string): void {
    this.call(this.#props.onConsent, { text });
  }

  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.call(this.#props.onFinish);
  }

  /** Asks the customer, or stops asking. */
  ask(leaving: boolean): void {
    this.leaving = leaving;
    this.#redraw();
  }

  close(): void {
    this.ask(false);
    this.call(this.#props.onClose);
  }
}
