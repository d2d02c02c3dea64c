/** A merchant's connections: their list, the link to a platform, and the outcome of a visit there. */
import type { Connection } from "@codat/platform/sdk/models/shared/index.js";
import type { ConnectionsView, ConnectionView, LinkOutcome, LinkResult, LinkStart, Platform, SourceType } from "../../shared/wire";
import type { Brands } from "./brands";
import type { MerchantRecord, Merchants } from "../merchants";
import { type Moorline, ONCE } from "./client";
import { Failure, fromClient, invalid, notFound } from "../problem";

/** Explains a 404 of the platform: the merchant exists here, but the company was deleted there. */
async function ofCompany<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const failure = fromClient(error);
    if (failure.status !== 404) throw failure;
    throw new Failure(404, { error: "company_gone", key: "companyGone" }, { cause: error });
  }
}

export class Connections {
  readonly #moorline: Moorline;
  readonly #brands: Brands;
  readonly #merchants: Merchants;

  constructor(moorline: Moorline, brands: Brands, merchants: Merchants) {
    this.#moorline = moorline;
    this.#brands = brands;
    this.#merchants = merchants;
  }

  async list({ companyId }: MerchantRecord): Promise<Connection[]> {
    const connections: Connection[] = [];
    for (let page = 1; ; page += 1) {
      const answer = await ofCompany(this.#moorline.platform.connections.list({ companyId, page, pageSize: 500 }));
      const results = answer.results ?? [];
      connections.push(...results);
      if (results.length === 0 || connections.length >= answer.totalResults) return connections;
    }
  }

  async view(merchant: MerchantRecord): Promise<ConnectionsView> {
    return { connections: await this.shown(merchant), lastResult: merchant.lastResult };
  }

  /** Oldest first, each with its platform's logo. */
  async shown(merchant: MerchantRecord): Promise<ConnectionView[]> {
    const [connections, platforms] = await Promise.all([this.list(merchant), this.#brands.platforms()]);
    return connections
      .filter(({ sourceType }) => ["Accounting", "Banking", "Commerce"].includes(sourceType))
      .map((connection) => shape(connection, platforms))
      .sort((a, b) => a.created.localeCompare(b.created));
  }

  /** The link to a platform, of a pending or disconnected connection if there is one, else of a new one. */
  async begin(merchant: MerchantRecord, platformKey: string): Promise<LinkStart> {
    const platform = (await this.#brands.platforms()).find(({ key }) => key === platformKey);
    if (!platform) throw invalid("unknownPlatform");
    const existing = (await this.list(merchant)).find(
      ({ integrationKey, status }) => integrationKey === platformKey && status !== "Linked",
    );
    const connection =
      existing ??
      (await ofCompany(
        this.#moorline.platform.connections.create({ companyId: merchant.companyId, requestBody: { platformKey } }, ONCE),
      ));
    return { connectionId: connection.id, linkUrl: connection.linkUrl };
  }

  /**
   * The redirect's parameters are claims in a URL that any visitor can type: success counts only if the platform's
   * record is Linked, and the reason of a failure comes from that record alone.
   */
  async finish(
    merchant: MerchantRecord,
    claim: { companyId: string; connectionId: string; statusCode: string },
  ): Promise<LinkResult> {
    if (claim.companyId && claim.companyId !== merchant.companyId) throw notFound("otherApplication");
    const connection = (await this.list(merchant)).find(({ id }) => id === claim.connectionId);
    return this.#merchants.recordResult(merchant, {
      outcome: outcomeOf(claim.statusCode, connection),
      connectionId: connection?.id ?? null,
      platformName: connection?.platformName ?? null,
      reason: claim.statusCode === "500" ? newestReason(connection) : null,
    });
  }
}

function outcomeOf(statusCode: string, connection: Connection | undefined): LinkOutcome {
  switch (statusCode) {
    case "200":
      return connection?.status === "Linked" ? "linked" : "unconfirmed";
    case "201":
      return "unchanged";
    case "403":
      return "cancelled";
    case "501":
      return "unsupported";
    default:
      return "failed";
  }
}

function newestReason(connection: Connection | undefined): string | null {
  const errors = [...(connection?.dataConnectionErrors ?? [])].sort((a, b) =>
    (b.erroredOnUtc ?? "").localeCompare(a.erroredOnUtc ?? ""),
  );
  return errors[0]?.errorMessage ?? errors[0]?.statusText ?? null;
}

function shape(connection: Connection, platforms: Platform[]): ConnectionView {
  return {
    id: connection.id,
    platformKey: connection.integrationKey ?? null,
    platformName: connection.platformName,
    sourceType: connection.sourceType as SourceType,
    status: connection.status,
    created: connection.created,
    logo: platforms.find(({ key }) => key === connection.integrationKey)?.logo ?? null,
  };
}
