/** Operations of the platform that Link needs beyond the other component's. */
import { Api, Failure, type Text } from "../../connections/src/server/api";
import type { CodatLinkOptions, CodatTextOptions, ConnectionCallbackArgs, SourceType } from "./types";

/** The kinds of platforms that there are, and documents that no platform has. */
export type Kind = "Accounting" | "Banking" | "Commerce" | "BusinessDocuments";

export interface Platform {
  key: string;
  name: string;
  integrationId: string;
  sourceId: string;
  sourceType: SourceType;
  logoUrl?: string | null;
  /** The platform's own picture of a button that leads to it. */
  buttonUrl?: string | null;
  isSandbox: boolean;
  isBeta: boolean;
}

/** Files of a kind that can be uploaded. */
export interface Upload {
  key: string;
  name: string;
  kind: "accounting" | "banking" | "businessDocuments";
}

export interface Begun {
  id: string;
  integrationId: string;
  integrationKey: string;
  sourceId: string;
  sourceType: SourceType;
  platformName: string;
  status: "PendingAuth" | "Linked" | "Unlinked" | "Deauthorized";
  /** Holds a one-time password; every read brings a fresh one. */
  linkUrl: string;
  connectedCompanyName?: string | null;
  /** Of a further business behind the same sign-in: its own company, and the connection beside which it was made. */
  companyId?: string;
  beside?: string;
  /** Of one that is Linked, if there is a further purpose to ask for, or one was answered. */
  additionalConsent?: {
    /** In the client's own words, unless they were answered. */
    asked?: Wording & { version: string; language?: string };
    answered: Wording[];
  };
}

/** The words by which a further purpose is asked for: Markdown, with the names filled in. */
export interface Wording {
  title?: string;
  subtitle?: string;
  termsAndConditions?: string;
}

export interface LinkView {
  companyId: string;
  companyName: string;
  provider: { name: string; logoUrl?: string | null };
  showBadge: boolean;
  lastEventId: string;
  platforms: Platform[];
  /** A platform of before it has none. */
  uploads?: Upload[];
  /** The newest first; those that wait for their customer, too. */
  connections: Begun[];
  /** The client's own, which the page's options go before; a platform of before it has none. */
  settings?: Settings;
}

export interface Settings extends Pick<CodatLinkOptions, "showLandingPage" | "showSandboxIntegrations" | "sourceTypes" | "enableAdditionalConsent"> {
  /** Of the client's pages: a hex code. */
  colour?: string;
  /** A picture of the client's, for the landing page. */
  heroImage?: string;
  text: CodatTextOptions;
}

/** The disclosure as the hosted start page shows it. */
export interface Told {
  /** A hash of the rest. */
  version: string;
  purpose: Text;
  reads: Read[];
  custom: { name: string; source: string }[];
  writes: { dataType: string; name: string; create: boolean; update: boolean }[];
  /** The sentences of `business`, `access` and `history` are the platform's, in English. */
  business: string;
  access: {
    unusedDays?: number;
    consentDays?: number;
    revokedAtPlatform: boolean;
    /** On the customer's machine: set up in place of a sign-in. */
    program?: string;
    lasts: string;
    ends: string[];
  };
  stays: { words: Text };
  scopes: string[];
  scopesNote?: string;
  client: { links: { privacyNotice?: string; terms?: string }; support?: { email?: string; phone?: string; url?: string } };
}

export interface Read {
  dataType: string;
  name: string;
  history: { months?: number; from?: string; words: string };
  atOnce: boolean;
  everyHours: number;
  onRequest: boolean;
  further?: { name: string; fields: string[] }[];
}

export class LinkApi extends Api {
  async linkView(): Promise<LinkView> {
    const view = await this.json("GET", "/link/view");
    if (!Array.isArray(view?.platforms) || !Array.isArray(view.connections)) throw new Failure("unreachable");
    this.settle(view.connections);
    return view;
  }

  /** Begins a connection to a platform, or goes on with the one that was begun. */
  async begin(platformKey: string): Promise<Begun> {
    const begun = await this.json("POST", "/connections", { platformKey });
    if (!begun?.id) throw new Failure("unreachable");
    return begun;
  }

  async disclosure(connectionId: string): Promise<Told> {
    const told = await this.json("GET", `/connections/${encodeURIComponent(connectionId)}/disclosure`);
    if (!Array.isArray(told?.reads)) throw new Failure("unreachable");
    return told;
  }
}

export function argsOf(begun: Begun): ConnectionCallbackArgs {
  const { id, integrationId, integrationKey, platformName, sourceId, sourceType } = begun;
  return { connectionId: id, integrationId, integrationKey, platformName, sourceId, sourceType };
}
