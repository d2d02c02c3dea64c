/** The component's state and its actions on the server, apart from the views. */
import { Api, type CompanyView, type Connection } from "./api";
import { load, type All } from "../parts/load";
import { Parts } from "../parts/parts";
import { readToken } from "./token";
import { Watch } from "./watch";
import type { CodatConnectionsProps, ErrorCallbackArgs } from "../types";

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

  protected override read(): Promise<CompanyView> {
    return this.api.view();
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

  /** The props of Link for this company, with names as Link has them: quoted, so that the build leaves them. */
  forLink(done: () => void, options: object): object {
    const { accessToken, getAccessToken, onError } = this.#props;
    return {
      "companyId": readToken(accessToken)?.companyId,
      accessToken,
      getAccessToken,
      options,
      onConnection: () => {},
      onFinish: done,
      onClose: done,
      onError: (args: ErrorCallbackArgs) => onError?.(args),
    };
  }
}
