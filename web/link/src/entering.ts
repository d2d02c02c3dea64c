/** A token for a page that has a company's one-time link instead. */
import { Failure } from "../../connections/src/server/api";

/** The entry of the page's session storage: the link, and the secret by which it serves this page again. */
const KEPT = "moorline.link";
const TIMEOUT_MS = 20_000;

/** Trades the link. `platform` is null for a module that a bundler has moved: then it is where the link leads. */
export async function enter(link: string, companyId: string, platform: string | null): Promise<string> {
  const response = await fetch(`${platform ?? new URL(link).origin}/companies/${encodeURIComponent(companyId)}/link/session`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    // Quoted, the build leaves the name as it is.
    body: JSON.stringify({ link, "session": secretOf(link) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
    referrerPolicy: "no-referrer",
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok && answer?.accessToken) return String(answer.accessToken);
  const { status } = response;
  throw new Failure(status === 410 ? "expired" : "refused", answer?.error, status, answer?.correlationId);
}

/** A link serves one page: the one that knows the secret. In the tab's own storage, it outlives a reload. */
function secretOf(link: string): string {
  const fresh = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  try {
    const [known, secret] = (sessionStorage.getItem(KEPT) ?? "").split(" ");
    if (known === link && secret) return secret;
    sessionStorage.setItem(KEPT, `${link} ${fresh}`);
  } catch {
    // A page that may store nothing: its link serves until it is loaded anew.
  }
  return fresh;
}
