/** Reads the company and the platform of a token, and the platform of a served module. */

interface TokenClaims {
  companyId: string;
  issuer: string | null;
}

/** The claims of a company access token, or null for anything that isn't one. The platform checks the signature. */
export function readToken(token: unknown): TokenClaims | null {
  try {
    const payload = String(token).split(".")[1]!;
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    const { sub, iss } = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof sub !== "string" || !sub) return null;
    return { companyId: sub, issuer: webAddress(iss) };
  } catch {
    return null;
  }
}

/**
 * The platform's address of a served module: everything before `/sdk/connections.js`, `/sdk/vX.Y.Z/link.js` and the like.
 * Null for a module that a bundler has moved; its platform is the token's issuer.
 */
export function servedFrom(moduleUrl: unknown): string | null {
  const address = webAddress(moduleUrl);
  return address && (/^(.*)\/sdk\/(?:v[^/]+\/)?(?:connections|link)\.js(?:[?#].*)?$/.exec(address)?.[1] ?? null);
}

/** An absolute http(s) address without trailing slashes, or null. */
export function webAddress(value: unknown): string | null {
  try {
    const url = new URL(String(value));
    return /^https?:$/.test(url.protocol) ? url.href.replace(/\/+$/, "") : null;
  } catch {
    return null;
  }
}
