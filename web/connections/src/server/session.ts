/** The component's state and its actions on the server, apart from the views. */
import { Api, type CompanyView, type Connection } from "./api";
import { load, type All } from "../parts/load";
import { Parts } from "../parts/parts";
import { Watch } from "./watch";
import type { CodatConnectionsProps } from "../types";

export class Session extends Watch<CompanyView, Api> {
  readonly parts: Parts<All>;
  readonly #props: CodatConnectionsProps;

  constructor(
    servedFrom: string | null,
    props: CodatConnectionsProps,
    language: string,
    inContext: (work: () => void) => void,
    changed: () => void,
  ) {
    super(
      props,
      inContext,
      changed,
      (getAccessToken, signal) => new Api(servedFrom, props.accessToken, getAccessToken, signal, language),
    );
    this.#props = props;
    this.parts = new Parts((name, attempt) => load(name, this.api.address, attempt), changed);
  }

  protected override async read(): Promise<CompanyView> {
    const view = await this.api.view();
    // Most go on to it.
    if (!this.state.view) void this.parts.bring("detail");
    return view;
  }

  protected override linked({ id }: Connection): void {
    this.call(this.#props.onReconnect, { connectionId: id });
  }

  protected override unlinked(id: string): void {
    this.call(this.#props.onDisconnect, { connectionId: id });
  }

  /** The host's way to connect a platform, if it has one. */
  get connect(): (() => void) | undefined {
    return this.#props.onConnect && (() => this.call(this.#props.onConnect));
  }
}
