/** The routes that the pages use. */
import type { FailureKey, Merchant, Platform, Session } from "../../shared/wire";
import type { Brands } from "../moorline/brands";
import type { Config } from "../config";
import type { Connections } from "../moorline/connections";
import type { FiguresOf } from "../moorline/figures";
import type { ChecksOf } from "../moorline/checks";
import type { FunnelOf } from "../moorline/funnel";
import type { HistoryOf } from "../moorline/history";
import type { Call, Route } from "./serve";
import type { MerchantRecord, Merchants } from "../merchants";
import { type Moorline, ONCE } from "../moorline/client";
import { fromClient, invalid, notFound, signedOut } from "../problem";
import type { Sync } from "../moorline/sync";

const COOKIE = "tidewell_session";
const COOKIE_DAYS = 30;

interface Parts {
  config: Config;
  moorline: Moorline;
  merchants: Merchants;
  brands: Brands;
  connections: Connections;
  sync: Sync;
  figures: FiguresOf;
  history: HistoryOf;
  checks: ChecksOf;
  funnel: FunnelOf;
}

export function routes({ config, moorline, merchants, brands, connections, sync, figures, history, checks, funnel }: Parts): Route[] {
  const secure = config.publicUrl.startsWith("https:") ? "; Secure" : "";
  const cookie = (token: string, maxAge: number) =>
    `${COOKIE}=${token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}${secure}`;
  const signedIn = ({ cookies }: Call): MerchantRecord => {
    const merchant = merchants.bySession(cookies[COOKIE]);
    if (!merchant) throw signedOut();
    return merchant;
  };

  return [
    {
      method: "GET",
      path: "/api/session",
      answer: async ({ cookies }): Promise<Session> => {
        const merchant = merchants.bySession(cookies[COOKIE]);
        return { platformUrl: config.platformUrl, merchant: merchant ? publicPart(merchant) : null };
      },
    },
    {
      method: "POST",
      path: "/api/sign-up",
      answer: async ({ body, setCookie }) => {
        const details = {
          businessName: textField(body, "businessName", "businessName"),
          contactName: textField(body, "contactName", "contactName"),
          email: textField(body, "email", "email"),
        };
        if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(details.email)) throw invalid("email");
        const id = merchants.newId();
        const company = await moorline.platform.companies
          .create({ name: details.businessName, description: id }, ONCE)
          .catch((error: unknown) => {
            throw fromClient(error);
          });
        const merchant: Merchant = { id, ...details };
        setCookie(cookie(await merchants.add({ ...merchant, companyId: company.id }), COOKIE_DAYS * 86_400));
        return { merchant };
      },
    },
    {
      method: "POST",
      path: "/api/sign-out",
      answer: async (call) => {
        const merchant = merchants.bySession(call.cookies[COOKIE]);
        if (merchant) await merchants.signOut(merchant, call.cookies[COOKIE] ?? "");
        call.setCookie(cookie("", 0));
      },
    },
    {
      method: "GET",
      path: "/api/platforms",
      answer: async (): Promise<{ platforms: Platform[] }> => ({ platforms: await brands.platforms() }),
    },
    { method: "GET", path: "/api/connections", answer: async (call) => connections.view(signedIn(call)) },
    {
      method: "POST",
      path: "/api/connections",
      answer: async (call) => {
        const merchant = signedIn(call);
        return connections.begin(merchant, textField(call.body, "platformKey", "choosePlatform"));
      },
    },
    {
      method: "POST",
      path: "/api/link-results",
      answer: async (call) => {
        const merchant = signedIn(call);
        const field = (name: string) => (typeof call.body[name] === "string" ? (call.body[name] as string).slice(0, 100) : "");
        return connections.finish(merchant, {
          companyId: field("companyId"),
          connectionId: field("connectionId"),
          statusCode: field("statusCode"),
        });
      },
    },
    { method: "GET", path: "/api/sync", answer: async (call) => sync.view(signedIn(call)) },
    {
      method: "POST",
      path: "/api/sync/refresh",
      answer: async (call) => {
        const merchant = signedIn(call);
        const { dataType, connectionId } = call.body;
        if (dataType === undefined) return sync.refresh(merchant, undefined);
        if (typeof dataType !== "string" || typeof connectionId !== "string") throw invalid("noSuchData");
        return sync.refresh(merchant, { dataType, connectionId });
      },
    },
    {
      method: "GET",
      path: "/api/figures/:connectionId",
      answer: async (call) => {
        const merchant = signedIn(call);
        const connection = (await connections.shown(merchant)).find(({ id }) => id === call.params["connectionId"]);
        if (!connection) throw notFound("connectionGone");
        return figures.read(merchant, connection, new Date().toISOString());
      },
    },
    {
      method: "GET",
      path: "/api/history/:connectionId",
      answer: async (call) => history(signedIn(call), call.params["connectionId"] ?? ""),
    },
    {
      method: "GET",
      path: "/api/checks/:connectionId",
      answer: async (call) => checks(signedIn(call), call.params["connectionId"] ?? ""),
    },
    // For Tidewell's own people; a real lender would ask who they are. There is nothing about a merchant in it.
    { method: "GET", path: "/api/funnel", answer: async () => funnel() },
    {
      method: "POST",
      path: "/api/access-token",
      answer: async (call) => {
        const { companyId } = signedIn(call);
        const token = await moorline.platform.companies.getAccessToken({ companyId }).catch((error: unknown) => {
          throw fromClient(error);
        });
        return { companyId, accessToken: token.accessToken };
      },
    },
  ];
}

const publicPart = ({ id, businessName, contactName, email }: MerchantRecord): Merchant => ({ id, businessName, contactName, email });

/** As much as the form takes. */
const LONGEST = 120;

function textField(body: Record<string, unknown>, name: string, missing: FailureKey): string {
  const value = typeof body[name] === "string" ? (body[name] as string).trim() : "";
  if (!value) throw invalid(missing);
  if (value.length > LONGEST) throw invalid("tooLong");
  return value;
}
