/** The names that host pages import: props, callbacks, options. */

export interface DisconnectCallbackArgs {
  connectionId: string;
}

export interface ReconnectCallbackArgs {
  connectionId: string;
}

export type ConnectionCallbackArgs = DisconnectCallbackArgs | ReconnectCallbackArgs;

export interface ErrorCallbackArgs {
  /** The request's id, which the platform's log has too. */
  correlationId?: string;
  message?: string;
  /** The HTTP status, if the platform answered. */
  errorCode?: number;
  /** True if another try, or opening the component with a fresh token, can help. */
  userRecoverable: boolean;
}

export type IntegrationSourceTypeKeys = "accounting" | "banking" | "commerce";

export type CodatTextOptionsKeys = `${IntegrationSourceTypeKeys}.connectionDetails.dataTypes`;

/** Lists shown before a disconnect and before a reconnect; each string may hold inline Markdown. */
export interface CodatTextOptions extends Partial<Record<CodatTextOptionsKeys, string[]>> {
  /** The list's heading, in place of "Manage connected accounts"; `{companyName}` is replaced here and below. */
  "main.title"?: string;
  /** The sentence below it, which may hold inline Markdown. */
  "main.subtitle"?: string;
}

export interface CodatConnectionsOptions {
  text?: CodatTextOptions;
  /** For the `<style>` element that browsers without constructable style sheets need. */
  nonce?: string;
  /** Unset: the colour scheme of the page (CSS `color-scheme`) applies. */
  theme?: "light" | "dark" | "system";
  /** A BCP 47 tag for words and dates; unset: the browser's. Words are there in English, Arabic, Dutch, French, German and Spanish. */
  locale?: string;
}

export interface CodatConnectionsProps {
  /** A company access token. It is valid for one company. */
  accessToken: string;
  onClose?: () => void;
  onError?: (args: ErrorCallbackArgs) => void;
  onDisconnect?: (args: DisconnectCallbackArgs) => void;
  onReconnect?: (args: ReconnectCallbackArgs) => void;
  /** The customer wants to connect a platform. Left out, Link opens, if the page has loaded it; else nothing offers it. */
  onConnect?: () => void;
  /** Read once, at mount. */
  options?: CodatConnectionsOptions;
  /** Called once for a fresh token when the current one is refused. */
  getAccessToken?: () => Promise<string>;
}

export type MoorlineConnectionsProps = CodatConnectionsProps;

export interface MountedConnections {
  /** Replaces the given props; options stay as they were at mount. */
  update(props: Partial<CodatConnectionsProps>): void;
  /** Removes the element and stops every request, timer and stream. */
  destroy(): void;
}
