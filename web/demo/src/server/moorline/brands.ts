/** The platforms a merchant can choose from, with their logos and buttons. */
import type { Branding, BrandingImage, Integration } from "@codat/platform/sdk/models/shared/index.js";
import type { Picture, Platform, SourceType } from "../../shared/wire";
import type { Moorline } from "./client";
import { fromClient } from "../problem";

/** Short, so that a newly enabled platform soon appears; pictures change only with a new version of the program. */
const LIST_KEPT_MS = 10_000;
const BRANDING_KEPT_MS = 60 * 60 * 1_000;
const AT_ONCE = 6;
const SOURCE_TYPES: readonly string[] = ["Accounting", "Banking", "Commerce"] satisfies SourceType[];

const picture = (branding: BrandingImage | undefined): Picture | null => {
  const { src, alt } = branding?.image ?? {};
  return src ? { src, alt: alt ?? "" } : null;
};

export class Brands {
  readonly #moorline: Moorline;
  #kept: { at: number; platforms: Platform[] } | undefined;
  #reading: Promise<Platform[]> | undefined;
  readonly #branding = new Map<string, { at: number; branding: Branding }>();

  constructor(moorline: Moorline) {
    this.#moorline = moorline;
  }

  /** Enabled platforms by name; the last known list if Moorline can't be reached. */
  async platforms(): Promise<Platform[]> {
    if (this.#kept && Date.now() - this.#kept.at < LIST_KEPT_MS) return this.#kept.platforms;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    try {
      const platforms = await this.#reading;
      this.#kept = { at: Date.now(), platforms };
      return platforms;
    } catch (error) {
      if (this.#kept) return this.#kept.platforms;
      throw fromClient(error);
    }
  }

  async #read(): Promise<Platform[]> {
    const integrations: Integration[] = [];
    for (let page = 1; ; page += 1) {
      const answer = await this.#moorline.platform.integrations.list({ page, pageSize: 500, query: "enabled=true" });
      const results = answer.results ?? [];
      integrations.push(...results);
      if (results.length === 0 || integrations.length >= answer.totalResults) break;
    }
    const offered = integrations.filter(({ sourceType }) => sourceType && SOURCE_TYPES.includes(sourceType));
    const platforms: Platform[] = [];
    for (let i = 0; i < offered.length; i += AT_ONCE) {
      platforms.push(...(await Promise.all(offered.slice(i, i + AT_ONCE).map((integration) => this.#branded(integration)))));
    }
    return platforms.sort((a, b) => a.name.localeCompare(b.name, "en"));
  }

  async #branded(integration: Integration): Promise<Platform> {
    const branding = await this.#brandingOf(integration.key);
    return {
      key: integration.key,
      name: integration.name,
      sourceType: integration.sourceType as SourceType,
      isBeta: integration.isBeta ?? false,
      logo: picture(branding.logo?.square) ?? { src: integration.logoUrl, alt: "" },
      button: picture(branding.button?.default),
      buttonHover: picture(branding.button?.hover),
    };
  }

  async #brandingOf(platformKey: string): Promise<Branding> {
    const kept = this.#branding.get(platformKey);
    if (kept && Date.now() - kept.at < BRANDING_KEPT_MS) return kept.branding;
    const branding = await this.#moorline.platform.integrations.getBranding({ platformKey });
    this.#branding.set(platformKey, { at: Date.now(), branding });
    return branding;
  }
}
