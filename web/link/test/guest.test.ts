/** Link as a guest: on the strictest page, on hostile pages, under every opener policy, and in words that aren't English. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import type { Company } from "./platform";
import { depart, PLATFORMS, toConsent } from "./states";
import { button, calls, title, until, world } from "./world";

const it = world();

/** A host page of its own, with `head` and headers; `window.calls` logs the callbacks. */
async function openOn(company: Company, headers: Record<string, string>, head = "", page?: Page): Promise<Page> {
  const opened = page ?? (await it.page());
  it.serve(
    `/guest-${company.id}.js`,
    `import { CodatLink } from "${it.platform.url}/sdk/link.js";
window.calls = [];
const log = (name) => (args) => window.calls.push([name, args]);
new CodatLink({ target: document.querySelector("#target"), props: {
  companyId: "${company.id}", accessToken: ${JSON.stringify(company.token)},
  onConnection: log("connection"), onError: log("error"), onFinish: log("finish"), onClose: log("close"),
}});`,
  );
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Host</title>${head}</head>
<body><main id="target"></main><script type="module" src="/guest-${company.id}.js"></script></body></html>`;
  await opened.goto(it.serve(`/guest-${company.id}`, html, headers));
  return opened;
}

test("under a policy without any style the whole journey works, and nothing is reported", async () => {
  const company = it.platform.company(PLATFORMS);
  const { url } = it.platform;
  const policy = `default-src 'none'; script-src ${url} 'self'; connect-src ${url}; img-src ${url}; style-src 'none'; require-trusted-types-for 'script'; trusted-types moorline; report-uri /csp-report`;
  const page = await it.page();
  const complaints: string[] = [];
  page.on("console", (message) => /Content.Security|Trusted/i.test(message.text()) && complaints.push(message.text()));
  await page.addInitScript(
    "window.violations = []; addEventListener('securitypolicyviolation', (event) => window.violations.push(event.violatedDirective + ' ' + event.blockedURI))",
  );
  await openOn(company, { "Content-Security-Policy": policy }, "", page);
  await toConsent(page);
  await page.locator("summary", { hasText: "Access" }).click();
  await depart(page);
  company.link("Xero");
  await title(page, "Xero is connected");
  await button(page, "Continue").click();
  await button(page, "Manage what is connected").click();
  await page.locator(".row[data-id]").click();
  await page.locator(".timeline li").first().waitFor();
  assert.deepEqual(await page.evaluate("window.violations"), []);
  assert.deepEqual(complaints, []);
  assert.deepEqual(it.reports, []);
  // It is drawn as it should be, and the page does report violations of its policy.
  assert.notEqual(await page.locator(".card").evaluate((card) => getComputedStyle(card).backgroundColor), "rgba(0, 0, 0, 0)");
  await page.evaluate(() => document.body.append(Object.assign(new Image(), { src: "http://127.0.0.1:9/x.png" })));
  await until(async () => ((await page.evaluate("window.violations")) as string[]).length === 1, "a report of our own making");
  await until(() => it.reports.splice(0).length, "the report");
  await page.context().close();
});

const HOSTILE = [
  "* { all: unset }",
  "*, ::before, ::after { box-sizing: content-box !important; margin: 9px !important; padding: 7px !important; border: 3px solid red !important; font: italic 30px serif !important; color: lime !important; float: left !important; letter-spacing: 4px !important; text-transform: uppercase !important }",
  "html { font-size: 62.5%; line-height: 3; text-align: right; word-spacing: 1em } div, section, p, button, h2, ul, details { display: none } .card, .row, .body, .button, .kind { background: red; transform: rotate(4deg) } svg, img { max-width: 3px; vertical-align: top } moorline-link { opacity: .2; display: inline; zoom: 2; filter: blur(3px) }",
];

test("hostile rules on the host's page change at most one pixel in a thousand, of the main page and of the consent", async () => {
  const shots: string[][] = [[], []];
  for (const css of ["", ...HOSTILE]) {
    const company = it.platform.company(PLATFORMS);
    // Only the target keeps its position and size.
    const frame =
      "#target { all: initial !important; display: block !important; position: fixed !important; inset: 0 !important; color-scheme: light !important }";
    const page = await openOn(company, {}, `<style>${css}\n${frame}</style>`);
    await button(page, "Connect Accounting").waitFor();
    const shoot = async (at: number) => {
      await page.mouse.move(0, 0);
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
      shots[at]!.push((await page.screenshot()).toString("base64"));
    };
    await shoot(0);
    await toConsent(page);
    await page.locator("moorline-link img").first().evaluate((image: HTMLImageElement) => image.decode());
    await shoot(1);
    await page.context().close();
  }
  const page = await it.page();
  for (const [at, name] of ["main", "consent"].entries()) {
    const differences = await page.evaluate(async (shots) => {
      const pixels = await Promise.all(
        shots.map(async (shot) => {
          const image = new Image();
          image.src = `data:image/png;base64,${shot}`;
          await image.decode();
          const context = new OffscreenCanvas(image.width, image.height).getContext("2d")!;
          context.drawImage(image, 0, 0);
          return context.getImageData(0, 0, image.width, image.height).data;
        }),
      );
      return pixels.slice(1).map((other) => {
        let different = 0;
        for (let at = 0; at < other.length; at += 4) {
          if ([0, 1, 2].some((channel) => Math.abs(other[at + channel]! - pixels[0]![at + channel]!) > 8)) different++;
        }
        return different / (other.length / 4);
      });
    }, shots[at]!);
    for (const [index, difference] of differences.entries()) {
      assert.ok(difference <= 0.001, `${name}: ${(difference * 100).toFixed(3)} % differ under: ${HOSTILE[index]}`);
    }
  }
  await page.context().close();
});

const COOP = "Cross-Origin-Opener-Policy";
const OPENER_POLICIES: [string, Record<string, string>, Record<string, string>][] = [
  ["no policy", {}, {}],
  ["same-origin on the host's page", { [COOP]: "same-origin" }, {}],
  ["same-origin-allow-popups on the host's page", { [COOP]: "same-origin-allow-popups" }, {}],
  ["same-origin on the platform's pages", {}, { [COOP]: "same-origin" }],
  ["same-origin on both", { [COOP]: "same-origin" }, { [COOP]: "same-origin" }],
];

for (const [name, hostHeaders, pageHeaders] of OPENER_POLICIES) {
  for (const streaming of [true, false]) {
    test(`a connection shows within 3 s with ${name}, ${streaming ? "over the stream" : "without a stream"}`, async () => {
      const company = it.platform.company(PLATFORMS);
      Object.assign(it.platform, { pageHeaders, streaming });
      try {
        const page = await openOn(company, hostHeaders);
        await toConsent(page);
        const opening = page.context().waitForEvent("page");
        await button(page, "Connect to Xero").click();
        const popup = await opening;
        await popup.getByRole("heading", { name: "Sign in" }).waitFor();
        assert.equal(await popup.evaluate(() => window.opener), null);
        company.link("Xero");
        await page.getByRole("heading", { name: "Xero is connected" }).waitFor({ timeout: 3_000 });
        assert.equal((await calls(page, "connection")).length, 1);
        await page.context().close();
      } finally {
        Object.assign(it.platform, { pageHeaders: {}, streaming: true });
      }
    });
  }
}

test("no text of ours stands outside the locale files", async () => {
  const strange = (words: unknown): unknown =>
    typeof words === "string"
      ? /^(de|ltr)?$/.test(words) ? words : `⟦${words}⟧`
      : Object.fromEntries(Object.entries(words as object).map(([key, value]) => [key, strange(value)]));
  const company = it.platform.company(PLATFORMS, [{ platformName: "Lighthouse Bank", status: "Linked" }]);
  company.told.writes = [{ dataType: "bills", name: "bills", create: true, update: false }];
  const page = await it.page({ locale: "de" });
  await page.route("**/sdk/words/*", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: strange(await response.json()) });
  });
  await it.open(company, { page });
  // What the platform says, in its own words.
  const theirs = JSON.stringify([company.view, company.told, company.details(), [...company.timelines.values()]]);
  const look = async (at: string) => {
    const texts = await page.evaluate(() => {
      const found: string[] = [];
      const walk = (node: Node) => {
        if (node instanceof Text) found.push(node.data);
        else if (node instanceof Element) {
          for (const name of ["aria-label", "placeholder", "title"]) found.push(node.getAttribute(name) ?? "");
          if (!node.matches("[lang=en], style, code, svg")) node.childNodes.forEach(walk);
        }
      };
      document.querySelector("moorline-link")!.shadowRoot!.childNodes.forEach(walk);
      return found;
    });
    assert.ok(texts.length > 5, at);
    for (const text of texts.map((text) => text.trim()).filter((text) => /\p{L}/u.test(text))) {
      // Ours, a list of ours, a date, or what the platform has said.
      if (text.includes("⟦") || /\d{1,2}\. \p{L}+ \d{4}|^\d+\.\d+\.\d{4}|^vor \d/iu.test(text)) continue;
      // Apart from the marks between ways to get help, and those that keep an address in its direction.
      const bare = text.replace(/[·⟧\u2066\u2069]/g, "").trim();
      assert.ok(theirs.includes(JSON.stringify(bare).slice(1, -1)), `${at}: ${text}`);
    }
  };
  await page.locator(".managed").waitFor();
  await look("main");
  await page.locator(".kind .button").first().click();
  await page.locator(".rows b").first().waitFor();
  await look("platforms");
  await page.getByRole("button", { name: "Xero" }).click();
  await page.locator("details").first().waitFor();
  await page.evaluate(() => {
    for (const fold of document.querySelector("moorline-link")!.shadowRoot!.querySelectorAll("details")) fold.open = true;
  });
  await look("consent");
  await page.locator(".actions .text").click();
  await page.locator(".code").waitFor();
  await look("elsewhere");
  for (const at of [".code", ".folds", ".search, .rows"]) {
    await page.locator(at).first().waitFor();
    await page.locator(".back").click();
  }
  await page.locator(".managed").click();
  await page.locator(".row[data-id]").waitFor();
  await look("what is connected");
  await page.locator(".row[data-id]").click();
  await page.locator(".timeline li").first().waitFor();
  await look("one connection");
  await page.locator(".close").click();
  await page.getByRole("alertdialog").waitFor();
  await look("leaving");
  await page.context().close();
});

test("the Connections component on the same page opens Link where nothing is connected, and then shows what is", async () => {
  const company = it.platform.company(PLATFORMS);
  const page = await it.page();
  it.serve(
    "/both.js",
    `import { mount } from "${it.platform.url}/sdk/connections.js";
    import "${it.platform.url}/sdk/link.js";
    mount(document.querySelector("#target"), { accessToken: ${JSON.stringify(company.token)}, options: { theme: "dark" } });`,
  );
  await page.goto(it.serve("/both", `<!doctype html><html lang="en"><title>Host</title><main id="target"></main><script type="module" src="/both.js"></script></html>`));
  await title(page, "No connections yet");
  await button(page, "Connect a platform").click();
  assert.match(await page.locator(".card").evaluate((card) => getComputedStyle(card).colorScheme), /dark/);
  // Left, and opened again.
  await button(page, "Connect Accounting").waitFor();
  await button(page, "Close").click();
  await button(page, "Exit without saving").click();
  await title(page, "No connections yet");
  await button(page, "Connect a platform").click();
  await toConsent(page);
  await depart(page);
  company.link("Xero");
  await title(page, "Xero is connected");
  await button(page, "Continue").click();
  await button(page, "Complete").click();
  await page.getByRole("button", { name: "Xero Harbour Bakery" }).waitFor();
  assert.equal(await page.locator("moorline-link").count(), 0);
  await until(() => company.streams.size === 1, "the list's stream alone");
  await page.context().close();
});
