// Square by its specification: JSON to the token endpoint, with the client's credentials in the body; access tokens for 30 days and
// refresh tokens without expiry; `Square-Version`; cursors; payments by location; searches by POST; errors in a list.

import { type Answer, type PlatformRequest, type Choice, type RegisteredClient, Emulator, type Grant } from "./emulator.js";
import { type Row, rowsOf } from "./fixtures.js";

const KEY = "zsth";
const FOLDER = "square";
const DAY_SECONDS = 86_400;
const VERSION = "2025-08-20";

export const SELLERS: readonly Choice[] = [
  { value: "MLN7TIDEPOOL01", label: "Tidepool Coffee" },
  { value: "MLN7SALTPAN02", label: "Saltpan Bakery" },
];

/** The records, which all sellers share but for their names. */
type Shop = Record<"locations" | "customers" | "objects" | "orders" | "payments" | "refunds" | "payouts" | "entries" | "disputes", Row[]>;

export class Square extends Emulator {
  protected readonly paths = { authorize: "/oauth2/authorize", token: "/oauth2/token" };
  protected readonly title = "Square";
  readonly shop: Shop;
  /** The number of requests for data without the version that the folder names. */
  withoutVersion = 0;

  constructor(client: RegisteredClient) {
    super(client, {
      accessSeconds: 30 * DAY_SECONDS,
      // Of the code flow: valid until revoked.
      refreshSeconds: 100 * 365 * DAY_SECONDS,
      rotates: () => false,
      graceSeconds: 0,
      furtherMembers: () => ({
        token_type: "bearer",
        expires_in: undefined,
        expires_at: new Date(this.now() + this.tokens.accessSeconds * 1_000).toISOString().replace(/\.\d+/, ""),
        short_lived: false,
      }),
    });
    const rows = (name: string, member: string): Row[] => rowsOf(FOLDER, name, member);
    this.shop = {
      locations: rows("commerce-locations", "locations"),
      customers: rows("commerce-customers", "customers"),
      objects: [
        ...rows("commerce-productCategories", "objects"),
        ...rows("commerce-taxComponents", "objects"),
        ...rows("commerce-products", "objects"),
      ],
      orders: rows("commerce-orders", "orders"),
      payments: rows("commerce-payments", "payments"),
      refunds: rows("commerce-payments.2", "refunds"),
      payouts: rows("commerce-transactions.3", "payouts"),
      entries: rows("commerce-transactions.4", "payout_entries"),
      disputes: rows("commerce-disputes", "disputes"),
    };
  }

  /** The folder's variables, set to this emulator's addresses. */
  variables(): Record<string, string> {
    return { [`${KEY}.host`]: this.url };
  }

  protected choices(): { several: boolean; offered: Choice[] } {
    return { several: false, offered: [...SELLERS] };
  }

  /** The token endpoint takes JSON that holds the client's id and secret. */
  protected override parameters(request: PlatformRequest): URLSearchParams {
    if (request.headers["content-type"]?.startsWith("application/json") !== true) return new URLSearchParams();
    return new URLSearchParams(JSON.parse(request.body) as Record<string, string>);
  }

  protected override isClient(_request: PlatformRequest, parameters: URLSearchParams): boolean {
    return parameters.get("client_id") === this.client.id && parameters.get("client_secret") === this.client.secret;
  }

  protected override refused(code: string): Answer {
    return code === "invalid_client"
      ? problem(401, "AUTHENTICATION_ERROR", "UNAUTHORIZED", "Not Authorized")
      : problem(401, "AUTHENTICATION_ERROR", "ACCESS_TOKEN_REVOKED", "The authorization was revoked.");
  }

  /** Revokes as a seller does in the dashboard: every grant that the seller gave this application ends. */
  revokeAtSquare(seller: string): void {
    for (const grant of this.grants.values()) if (grant.chosen.includes(seller)) grant.revoked = true;
  }

  protected answer(request: PlatformRequest): Answer | Promise<Answer> {
    const { pathname } = request.url;
    if (pathname === "/oauth2/revoke") return this.revoke(request);
    const grant = this.bearer(request);
    if (grant === undefined) {
      return problem(401, "AUTHENTICATION_ERROR", "UNAUTHORIZED", "This request could not be authorized.");
    }
    if (request.headers["square-version"] !== VERSION) this.withoutVersion += 1;
    const search = request.method === "POST" ? (JSON.parse(request.body) as Row) : undefined;
    switch (pathname) {
      case "/v2/merchants/me":
        return { body: { merchant: this.merchant(grant) } };
      case "/v2/locations":
        return { body: { locations: this.shop.locations } };
      case "/v2/customers":
        return this.page(request, "customers", this.shop.customers, 2);
      case "/v2/catalog/list": {
        const types = (request.url.searchParams.get("types") ?? "").split(",");
        const objects = this.shop.objects.filter(({ type, is_deleted }) => types.includes(type as string) && is_deleted !== true);
        return this.page(request, "objects", objects, 2);
      }
      case "/v2/catalog/search": {
        const types = search?.["object_types"] as string[];
        const since = Date.parse((search?.["begin_time"] as string | undefined) ?? "1970-01-01T00:00:00Z");
        const changed = this.shop.objects.filter(
          (row) =>
            types.includes(row["type"] as string) &&
            Date.parse(row["updated_at"] as string) > since &&
            (search?.["include_deleted_objects"] === true || row["is_deleted"] !== true),
        );
        return this.page(request, "objects", changed, 2, search);
      }
      case "/v2/orders/search":
        return this.orders(request, search ?? {});
      case "/v2/payments":
      case "/v2/payouts":
        return this.byLocation(request, pathname === "/v2/payments" ? "payments" : "payouts");
      case "/v2/payouts/po_one/payout-entries":
        return this.page(request, "payout_entries", this.shop.entries, 2);
      case "/v2/refunds":
        return this.page(request, "refunds", changedSince(request, this.shop.refunds), 2);
      case "/v2/disputes":
        return this.page(request, "disputes", this.shop.disputes, 2);
      default:
        if (/^\/v2\/payouts\/\w+\/payout-entries$/.test(pathname)) return { body: {} };
        return problem(404, "INVALID_REQUEST_ERROR", "NOT_FOUND", "Resource not found.");
    }
  }

  private merchant({ chosen }: Grant): Row {
    const [known] = [rowsOf(FOLDER, "commerce-companyInfo", "merchant") as unknown as Row];
    const seller = SELLERS.find(({ value }) => value === chosen[0]) ?? SELLERS[0];
    return { ...known, id: seller?.value, business_name: seller?.label };
  }

  private orders(request: PlatformRequest, search: Row): Answer {
    const locations = search["location_ids"] as string[] | undefined;
    if (locations === undefined || locations.length === 0 || locations.length > 10) {
      return problem(400, "INVALID_REQUEST_ERROR", "BAD_REQUEST", "location_ids must have between 1 and 10 values.");
    }
    const query = search["query"] as
      | { filter?: { date_time_filter?: { updated_at?: { start_at?: string } } }; sort?: { sort_field?: string } }
      | undefined;
    const start = query?.filter?.date_time_filter?.updated_at?.start_at;
    if (start !== undefined && query?.sort?.sort_field !== "UPDATED_AT") {
      return problem(400, "INVALID_REQUEST_ERROR", "BAD_REQUEST", "Sort field must match the date time filter.");
    }
    const since = Date.parse(start ?? "1970-01-01T00:00:00Z");
    const found = this.shop.orders.filter(
      (row) => locations.includes(row["location_id"] as string) && Date.parse(row["updated_at"] as string) >= since,
    );
    return this.page(request, "orders", found, 2, search);
  }

  /** The default is the main location, and the last year. */
  private byLocation(request: PlatformRequest, kind: "payments" | "payouts"): Answer {
    const wanted = request.url.searchParams.get("location_id") ?? "LQUAY1";
    const beginning = Date.parse(request.url.searchParams.get("begin_time") ?? new Date(this.now() - 365 * 86_400_000).toISOString());
    const rows = this.shop[kind].filter(
      (row) => (row["location_id"] ?? "LQUAY1") === wanted && Date.parse(row["created_at"] as string) >= beginning,
    );
    return this.page(request, kind, kind === "payments" ? changedSince(request, rows) : rows, 2);
  }

  private page(request: PlatformRequest, member: string, rows: Row[], size: number, search?: Row): Answer {
    const cursor = (search?.["cursor"] as string | undefined) ?? request.url.searchParams.get("cursor") ?? "";
    const from = cursor === "" ? 0 : Number(Buffer.from(cursor, "base64url").toString());
    if (Number.isNaN(from)) return problem(400, "INVALID_REQUEST_ERROR", "INVALID_CURSOR", "The pagination cursor is invalid.");
    const found = rows.slice(from, from + size);
    // An empty list is left out.
    return {
      body: {
        ...(found.length > 0 && { [member]: found }),
        ...(from + size < rows.length && { cursor: Buffer.from(`${from + size}`).toString("base64url") }),
      },
    };
  }

  private revoke(request: PlatformRequest): Answer {
    const body = JSON.parse(request.body) as { client_id?: string; access_token?: string };
    if (request.headers.authorization !== `Client ${this.client.secret}` || body.client_id !== this.client.id) {
      return problem(401, "AUTHENTICATION_ERROR", "UNAUTHORIZED", "Not Authorized");
    }
    const grant = this.grantOfAccessToken(body.access_token ?? "");
    if (grant === undefined) return problem(404, "INVALID_REQUEST_ERROR", "NOT_FOUND", "access token not found");
    for (const seller of grant.chosen) this.revokeAtSquare(seller);
    return { body: { success: true } };
  }
}

function changedSince(request: PlatformRequest, rows: Row[]): Row[] {
  const since = Date.parse(request.url.searchParams.get("updated_at_begin_time") ?? "1970-01-01T00:00:00Z");
  return rows.filter((row) => Date.parse(row["updated_at"] as string) >= since);
}

function problem(status: number, category: string, code: string, detail: string): Answer {
  return { status, body: { errors: [{ category, code, detail }] } };
}

/** 429 as Square documents it, without a `Retry-After`. */
export const TOO_MANY: Answer = problem(429, "RATE_LIMIT_ERROR", "RATE_LIMITED", "Too many requests.");
