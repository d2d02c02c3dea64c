/** The names that host pages import: props, callbacks, options. */

export type SourceType = "Unknown" | "Accounting" | "Banking" | "BankFeed" | "Commerce" | "Expense" | "Other";

export interface ConnectionCallbackArgs {
  connectionId: string;
  integrationId: string;
  /** Four letters. */
  integrationKey: string;
  platformName: string;
  sourceId: string;
  sourceType: SourceType;
}

export interface ErrorCallbackArgs {
  /** The request's id, which the platform's log has too. */
  correlationId?: string;
  message?: string;
  /** The HTTP status, if the platform answered. */
  errorCode?: number;
  /** True if another try, or opening the component with a fresh token, can help. */
  userRecoverable: boolean;
}

export interface ConsentCallbackArgs {
  /** Everything that was on the consent screen, as Markdown. */
  text: string;
}

export interface CodatColorsOptions {
  /** A hex code. */
  primary?: string;
}

export interface CodatThemeOptions {
  colors?: CodatColorsOptions;
}

interface CodatSourceTypeOptions {
  /** True: *Complete* doesn't wait for it. */
  optional: boolean;
  /** False: platforms of this kind are not shown. */
  enableIntegrations: boolean;
  /** Platform keys; left out, every platform of the kind. */
  allowedIntegrations?: string[];
  /** The host's own list under *Platform data*, beside the data that is really read. Each entry may hold inline Markdown. */
  dataTypes?: string[];
}

/** If it is given, only the kinds in it are shown. */
export interface CodatSourceTypesOptions {
  accounting?: CodatSourceTypeOptions & {
    /** True: files can be uploaded in place of connecting a platform, if the client's integrations have that enabled. */
    enableFileUpload?: boolean;
  };
  banking?: CodatSourceTypeOptions & {
    /** As of accounting. */
    enableFileUpload?: boolean;
  };
  commerce?: CodatSourceTypeOptions;
  /** Documents that no platform has. */
  businessDocuments?: { optional: boolean; enableFileUpload?: boolean };
}

export type IntegrationSourceTypeKeys = "accounting" | "banking" | "commerce";
type FileUploadSourceTypeKeys = "accounting" | "banking" | "businessDocuments";
type ConsentSections = "purpose" | "access" | "accountInformation" | "retention";

export type CodatTextOptionsKeys =
  | "companyName"
  | `landing.${"title" | "subtitle" | "nextButton"}`
  | `main.${"title" | "subtitle"}`
  /** Ours: the question on leaving, and its answers. */
  | `exit.${"title" | "text" | "stay" | "leave"}`
  | `${IntegrationSourceTypeKeys}.consents.${"title" | "subtitle" | "termsAndConditions" | "nextButton" | ConsentSections}`
  /** Plain text of at most 50 characters. */
  | `${IntegrationSourceTypeKeys}.consents.headers.${ConsentSections | "platformData"}`
  /** Above the place for files. */
  | `${FileUploadSourceTypeKeys}.fileUpload.subtitle`
  /** The question for a further purpose: asked only with a title or a subtitle. */
  | `${IntegrationSourceTypeKeys}.additionalConsents.${"title" | "subtitle" | "termsAndConditions"}`
  /** @deprecated In favour of `….additionalConsents.…`; honoured if these are left out. */
  | `${IntegrationSourceTypeKeys}.dataAccess.additionalConsent.${"title" | "subtitle"}`
  /** @deprecated In favour of `….consents.termsAndConditions` and `….consents.nextButton`; honoured if these are left out. */
  | `${IntegrationSourceTypeKeys}.dataAccess.${"consent" | "nextButton"}`;

/** @deprecated In favour of `sourceTypes.….dataTypes`; honoured if that is left out. */
export type CodatTextOptionsDataAccessDataTypesKeys = `${IntegrationSourceTypeKeys}.dataAccess.dataTypes`;

/** Texts in the host's own words: Markdown, in which `{companyName}` (the host's company) and `{platformName}` are replaced. */
export type CodatTextOptions = Partial<
  Record<CodatTextOptionsKeys, string> & Record<CodatTextOptionsDataAccessDataTypesKeys, string[]>
>;

export interface CodatLinkOptions {
  /** @deprecated In favour of `hideBorder` and leaving out `onClose`, both of which it does. */
  nonModal?: boolean;
  hideBorder?: boolean;
  /** True: a first page says what this is about. */
  showLandingPage?: boolean;
  /** False: platforms to practise on are left out. */
  showSandboxIntegrations?: boolean;
  /** True: on a later visit, consent to a further purpose is asked for what is connected already, in the words of `….additionalConsents.…`. */
  enableAdditionalConsent?: boolean;
  /** True: of several businesses behind one sign-in, the customer connects as many as stay ticked, unless the client's settings forbid it. False: one. */
  enableMultiEntityLinking?: boolean;
  theme?: CodatThemeOptions;
  sourceTypes?: CodatSourceTypesOptions;
  text?: CodatTextOptions;
  /** For the `<style>` element that browsers without constructable style sheets need. */
  nonce?: string;
  /** Ours. Unset: the colour scheme of the page (CSS `color-scheme`) applies. */
  colorScheme?: "light" | "dark" | "system";
  /** Ours. A BCP 47 tag for words and dates; unset: the browser's. Words are there in English, Arabic, Dutch, French, German and Spanish. */
  locale?: string;
}

export interface CodatLinkProps {
  /** The company that connects. */
  companyId: string;
  /** The customer pressed X, and then confirmed. Left out, there is no X. */
  onClose?: () => void;
  onError: (args: ErrorCallbackArgs) => void;
  /** The customer pressed *Complete*: remove the component. */
  onFinish: () => void;
  /** A connection of the company became Linked. */
  onConnection: (args: ConnectionCallbackArgs) => void;
  /** The customer chose a platform: the connection is there, as PendingAuth. */
  onConnectionStarted?: (args: ConnectionCallbackArgs) => void;
  /** The customer agreed to what the consent screen says. */
  onConsent?: (args: ConsentCallbackArgs) => void;
  /** Read once, at mount. */
  options?: CodatLinkOptions;
  /** The company's access token. Without one, and without `link`, the component says that the session has expired. */
  accessToken?: string;
  /** Ours. The company's one-time link (`redirect`), in place of a token, if the client's settings let it suffice. */
  link?: string;
  /** Ours. Called once for a fresh token when the current one is refused. */
  getAccessToken?: () => Promise<string>;
}

export interface MountedLink {
  /** Replaces the given props; options stay as they were at mount. */
  update(props: Partial<CodatLinkProps>): void;
  /** Removes the element and stops every request, timer and stream. */
  destroy(): void;
}
