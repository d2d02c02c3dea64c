/** The component's state and its actions on the server, apart from the views. */
import { Api, type CompanyView, type Connection, type Failure } from "./api";
import { asFailure, Watch } from "./watch";
import type { CodatConnectionsProps } from "../types";

export class Session extends Watch<CompanyView, Api> {
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
  }

  protected override read(): Promise<CompanyView> {
    return this.api.view();
  }

  protected override linked({ id }: Connection): void {
    this.call(this.#props.onReconnect, { connectionId: id });
  }

  /** The host's way to connect a platform, if it has one. */
  get connect(): (() => void) | undefined {
    return this.#props.onConnect && (() => this.call(this.#props.onConnect));
  }

  /** Resolves to null when the connection is Unlinked, else to the failure. */
  async disconnect(id: string): Promise<Failure | null> {
    try {
      await this.api.disconnect(id);
    } catch (error) {
      if (this.over) return null;
      const failure = asFailure(error);
      if (failure.kind === "expired") this.fail(failure);
      else this.report(failure);
      return failure;
    }
    if (this.over) return null;
    this.overtake();
    const { view } = this.state;
    this.set({
      view: view && {
        ...view,
        connections: view.connections.map((connection) =>
          connection.id === id ? { ...connection, status: "Unlinked", attention: null } : connection,
        ),
      },
    });
    this.call(this.#props.onDisconnect, { connectionId: id });
    // The stream brings the rest of what has changed; without one, the next poll does, at once.
    this.hurry();
    return null;
  }
}
