/** Loads the parts of a served component: modules whose digests the first module holds. */

/** By the build: the parts' names, each before the digest of its file (SHA-384, in Base64). */
declare const __PARTS__: string;

/** Trusted Types, of which TypeScript's own library knows nothing yet. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(address: string): string }): { createScriptURL(address: string): string };
}

/** The policy that vouches for the parts' addresses, for pages that require Trusted Types. */
let policy: ReturnType<TrustedTypes["createPolicy"]> | undefined;

/**
 * Loads a part from the platform, and returns what it makes of `kit`. The browser checks its digest: a page that pins the
 * first module runs nothing else. Rejects if it can't be had, or is another. `attempt` counts from 0: browsers remember a
 * module that failed by its address.
 *
 * `import` knows no digest, so the module is loaded by an element that does, and `import` then takes what is loaded, by its
 * address, without another request. `rel=modulepreload` would do without Trusted Types, but WebKit overlooks its digest.
 */
export async function loadPinned(name: string, kit: object, platform: string | null, attempt: number): Promise<unknown> {
  const parts = __PARTS__.split(" ");
  const digest = parts[parts.indexOf(name) + 1]!;
  const address = `${platform}/sdk/parts/${name}.${digest.replace(/\W/g, "").slice(0, 16)}.js${attempt ? `?${attempt}` : ""}`;
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  policy ??= trustedTypes?.createPolicy("moorline", { createScriptURL: (own) => own });
  const script = document.createElement("script");
  script.type = "module";
  script.integrity = `sha384-${digest}`;
  script.src = policy ? policy.createScriptURL(address) : address;
  await new Promise((resolve, reject) => {
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  }).finally(() => script.remove());
  return (await import(address)).default(kit);
}
