// Square as its specification describes it: JSON to the token endpoint, which knows the client by the body; access tokens for 30
// days and refresh tokens without an end; `Square-Version`; cursors; payments by location; searches by POST; errors in a list.

import { type Answer, type Asked, type Choice, type ClientOf, Emulator, type Grant } from "./emulator.js";
import { type Row, rowsOf } from "./fixtures.js";

const KEY = "zsth";
const FOLDER = "square";
const DAY_SECONDS = 86_400;
const VERSION = "2025-08-20";

export const SELLERS: readonly Choice[] = [
  { value: "MLN7TIDEPOOL01", label: "Tidepool Coffee" },
  { value: "MLN7SALTPAN02", label: "Saltpan Bakery" },
];

/** By the seller, all sellers alike but for their names. */
type Shop = Record<"locations" | "customers" | "objects" | "orders" | "payments" | "refunds" | "payouts" | "disputes", Row[]>;

export class Square extends Emulator {
  protected readonly paths = { authorize: "/oauth2/authorize", token: "/oauth2/token" };
  protected readonly title = "Square";
  readonly shop: Shop;
  /** Requests for data that came without the version that the folder names. */
  withoutVersion = 0;

  constructor(client: ClientOf) {
    super(client, {
      accessSeconds: 30 * DAY_SECONDS,
      // Of the code flow: good until it is revoked.
      refreshSeconds: 100 * 365 * DAY_SECONDS,
      rotates: () => false,
      graceSeconds: 0,
      beside: () => ({
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
      disputes: rows("commerce-disputes", "disputes"),
    };
  }

  /** The folder's variables that lead here instead of to the vendor. */
  variables(): Record<string, string> {
    return { [`${KEY}.host`]: this.url };
  }

  protected choices(): { several: boolean; offered: Choice[] } {
    return { several: false, offered: [...SELLERS] };
  }

  /** The token endpoint takes JSON, and the client's id and secret in it. */
  protected override parameters(asked: Asked): URLSearchParams {
    if (asked.headers["content-type"]?.startsWith("application/json") !== true) return new URLSearchParams();
    return new URLSearchParams(JSON.parse(asked.body) as Record<string, string>);
  }

  protected override isClient(_asked: Asked, parameters: URLSearchParams): boolean {
    return parameters.get("client_id") === this.client.id && parameters.get("client_secret") === this.client.secret;
  }

  protected override refused(word: string): Answer {
    return word === "invalid_client"
      ? problem(401, "AUTHENTICATION_ERROR", "UNAUTHORIZED", "Not Authorized")
      : problem(401, "AUTHENTICATION_ERROR", "ACCESS_TOKEN_REVOKED", "The authorization was revoked.");
  }

  /** As a seller does it in the dashboard; a revocation ends everything that the seller gave this application. */
  revokeAtSquare(seller: string): void {
    for (const grant of this.grants.values()) if (grant.chosen.includes(seller)) grant.revoked = true;
  }

  protected answer(asked: Asked): Answer | Promise<Answer> {
    const { pathname } = asked.url;
    if (pathname === "/oauth2/revoke") return this.revoke(asked);
    const grant = this.bearer(asked);
    if (grant === undefined) {
      return problem(401, "AUTHENTICATION_ERROR", "UNAUTHORIZED", "This request could not be authorized.");
    }
    if (asked.headers["square-version"] !== VERSION) this.withoutVersion += 1;
    const search = asked.method === "POST" ? (JSON.parse(asked.body) as Row) : undefined;
    switch (pathname) {
      case "/v2/merchants/me":
        return { body: { merchant: this.merchant(grant) } };
      case "/v2/locations":
        return { body: { locations: this.shop.locations } };
      case "/v2/customers":
        return this.page(asked, "customers", this.shop.customers, 2);
      case "/v2/catalog/list": {
        const types = (asked.url.searchParams.get("types") ?? "").split(",");
        const objects = this.shop.objects.filter(({ type, is_deleted }) => types.includes(type as string) && is_deleted !== true);
        return this.page(asked, "objects", objects, 2);
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
        return this.page(asked, "objects", changed, 2, search);
      }
      case "/v2/orders/search":
        return this.orders(asked, search ?? {});
      case "/v2/payments":
      case "/v2/payouts":
        return this.byLocation(asked, pathname === "/v2/payments" ? "payments" : "payouts");
      case "/v2/refunds":
        return this.page(asked, "refunds", changedSince(asked, this.shop.refunds), 2);
      case "/v2/disputes":
        return this.page(asked, "disputes", this.shop.disputes, 2);
      default:
        return problem(404, "INVALID_REQUEST_ERROR", "NOT_FOUND", "Resource not found.");
    }
  }

  private merchant({ chosen }: Grant): Row {
    const [known] = [rowsOf(FOLDER, "commerce-companyInfo", "merchant") as unknown as Row];
    const seller = SELLERS.find(({ value }) => value === chosen[0]) ?? SELLERS[0];
    return { ...known, id: seller?.value, business_name: seller?.label };
  }

  private orders(asked: Asked, search: Row): Answer {
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
    return this.page(asked, "orders", found, 2, search);
  }

  /** Without a location the main one's come, and without a beginning only those of a year. */
  private byLocation(asked: Asked, kind: "payments" | "payouts"): Answer {
    const wanted = asked.url.searchParams.get("location_id") ?? "LQUAY1";
    const beginning = Date.parse(asked.url.searchParams.get("begin_time") ?? new Date(this.now() - 365 * 86_400_000).toISOString());
    const rows = this.shop[kind].filter(
      (row) => (row["location_id"] ?? "LQUAY1") === wanted && Date.parse(row["created_at"] as string) >= beginning,
    );
    return this.page(asked, kind, kind === "payments" ? changedSince(asked, rows) : rows, 2);
  }

  private page(asked: Asked, member: string, rows: Row[], size: number, search?: Row): Answer {
    const cursor = (search?.["cursor"] as string | undefined) ?? asked.url.searchParams.get("cursor") ?? "";
    const from = cursor === "" ? 0 : Number(Buffer.from(cursor, "base64url").toString());
    if (Number.isNaN(from)) return problem(400, "INVALID_REQUEST_ERROR", "INVALID_CURSOR", "The pagination cursor is invalid.");
    const found = rows.slice(from, from + size);
    // An empty list is no member at all.
    return {
      body: {
        ...(found.length > 0 && { [member]: found }),
        ...(from + size < rows.length && { cursor: Buffer.from(`${from + size}`).toString("base64url") }),
      },
    };
  }

  private revoke(asked: Asked): Answer {
    const body = JSON.parse(asked.body) as { client_id?: string; access_token?: string };
    if (asked.headers.authorization !== `Client ${this.client.secret}` || body.client_id !== this.client.id) {
      return problem(401, "AUTHENTICATION_ERROR", "UNAUTHORIZED", "Not Authorized");
    }
    const grant = this.grantOfAccessToken(body.access_token ?? "");
    if (grant === undefined) return problem(404, "INVALID_REQUEST_ERROR", "NOT_FOUND", "access token not found");
    for (const seller of grant.chosen) this.revokeAtSquare(seller);
    return { body: { success: true } };
  }
}

function changedSince(asked: Asked, rows: Row[]): Row[] {
  const since = Date.parse(asked.url.searchParams.get("updated_at_begin_time") ?? "1970-01-01T00:00:00Z");
  return rows.filter((row) => Date.parse(row["updated_at"] as string) >= since);
}

export function problem(status: number, category: string, code: string, detail: string): Answer {
  return { status, body: { errors: [{ category, code, detail }] } };
}

/** As Square limits: it says no more than that. */
export const TOO_MANY: Answer = problem(429, "RATE_LIMIT_ERROR", "RATE_LIMITED", "Too many requests.");
