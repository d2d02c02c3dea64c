// A customer who authorises without a browser, for stories that are not about the pages.

import type { World } from "../world.js";

/** From a link URL to Linked: every step of the start page is completed, and the sandbox's control API gives the consent. */
export async function linkWithoutBrowser(world: World, linkUrl: string, business: string): Promise<void> {
  const page = await (await fetch(linkUrl)).text();
  const fields = new URLSearchParams(new URL(linkUrl).search);
  for (const [, input = ""] of page.matchAll(/<input([^>]*)>/g)) {
    const attribute = (name: string): string | undefined => new RegExp(`\\b${name}="([^"]*)"`).exec(input)?.[1];
    const name = attribute("name");
    if (name !== undefined && !fields.has(name)) fields.set(name, unescaped(attribute("value") ?? "on"));
  }
  const action = linkUrl.split("?")[0] ?? "";
  const sent = await fetch(action, { method: "POST", body: fields, redirect: "manual" });
  const question = sent.headers.get("location");
  if (sent.status !== 303 || question === null) throw new Error(`${action}: ${sent.status} ${await sent.text()}`);
  const back = await consentWithoutBrowser(world, question, business);
  const cookie = sent.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
  const arrived = await fetch(back, { headers: { cookie }, redirect: "manual" });
  if (arrived.status !== 303) throw new Error(`${back}: ${arrived.status} ${await arrived.text()}`);
}

/** Allows access; returns the address to which the platform redirects the browser. */
export async function consentWithoutBrowser(world: World, authorizationUrl: string, business: string): Promise<string> {
  const answered = await fetch(`${world.sandbox.url}/control/api/answer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ authorization_url: authorizationUrl, business, person: "mara@saltmarsh.example" }),
  });
  if (!answered.ok) throw new Error(await answered.text());
  return ((await answered.json()) as { redirect_to: string }).redirect_to;
}

function unescaped(text: string): string {
  return text
    .replaceAll("&quot;", '"')
    .replaceAll("&#34;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
