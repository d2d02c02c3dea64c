/** Loads the parts of a served component: modules whose digests the first module holds. */

/** By the build: the parts' names, each before the digest of its file (SHA-384, in Base64). */
declare const __PARTS__: string;

/**
 * Loads a part from the platform, and returns what it makes of `kit`. The browser checks its digest: a page that pins the
 * first module runs nothing else. Rejects if it can't be had, or is another. `attempt` counts from 0: browsers remember a
 * module that failed by its address.
 */
export async function loadPinned(name: string, kit: object, platform: string | null, attempt: number): Promise<unknown> {
  const parts = __PARTS__.split(" ");
  const digest = parts[parts.indexOf(name) + 1]!;
  const link = document.createElement("link");
  // What it loads is what `import` then runs: both go by the address, and a policy for scripts admits both by its origin.
  link.rel = "modulepreload";
  link.integrity = `sha384-${digest}`;
  link.href = `${platform}/sdk/parts/${name}.${digest.replace(/\W/g, "").slice(0, 16)}.js${attempt ? `?${attempt}` : ""}`;
  await new Promise((resolve, reject) => {
    link.onload = resolve;
    link.onerror = reject;
    if (link.relList.supports("modulepreload")) document.head.append(link);
    else reject();
  }).finally(() => link.remove());
  return (await import(link.href)).default(kit);
}
