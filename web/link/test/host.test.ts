/** The host's side: options, texts, policies, mounting. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import type * as Theirs from "@codat/sdk-link-types";
import type * as Ours from "../src/index";
import { PLATFORMS, depart, toConsent, toPlatforms } from "./states";
import { button, calls, cutOff, title, until, violations, world } from "./world";

// Types of the published package fit ours, and ours fit it: both lines fail to compile if they don't.
export const drop: (props: Theirs.CodatLinkProps) => Ours.CodatLinkProps = (props) => props;
export const back: (props: Ours.CodatLinkProps) => Theirs.CodatLinkProps = (props) => props;
export const start: typeof Theirs.initializeCodatLink = null as unknown as typeof Ours.initializeCodatLink;

const it = world();

/** A window that has come to its platform: one that is closed on its way there may never say that it is. */
async function signingIn(opening: Promise<Page>): Promise<Page> {
  const popup = await opening;
  await popup.getByRole("heading", { name: "Sign in" }).waitFor();
  return popup;
}

test("the host chooses kinds, platforms and sandboxes, and what must be connected", async () => {
  const company = it.platform.company(PLATFORMS);
  const page = await it.open(company, {
    options: {
      showSandboxIntegrations: false,
      enableAdditionalConsent: true,
      enableMultiEntityLinking: true,
      sourceTypes: {
        accounting: { optional: true, enableIntegrations: true, allowedIntegrations: ["gbol", "mqjo"], enableFileUpload: true },
        commerce: { optional: false, enableIntegrations: true },
        banking: { optional: false, enableIntegrations: false, enableFileUpload: true },
        businessDocuments: { optional: false, enableFileUpload: true },
      },
    },
  });
  await page.getByText("To complete, connect: Commerce.").waitFor();
  assert.equal(await button(page, "Connect Banking").count(), 0);
  await page.getByText("Optional").waitFor();
  await toPlatforms(page);
  assert.deepEqual(await page.locator(".rows b").allTextContents(), ["Xero"]);
  await button(page, "Back").click();
  await toPlatforms(page, "Commerce");
  await button(page, "Square").click();
  await title(page, "Connect Square to Tidewell");
  const opening = page.waitForEvent("popup");
  await button(page, "Connect to Square").click();
  await signingIn(opening);
  company.link("Square");
  await button(page, "Continue").click();
  await button(page, "Complete").click();
  assert.equal((await calls(page, "finish")).length, 1, "what can't be done here isn't waited for");
  await page.context().close();
});

test("all texts of the host's are shown, as Markdown, with names filled in, and deprecated ones in their places", async () => {
  const company = it.platform.company(PLATFORMS);
  const page = await it.open(company, {
    options: {
      showLandingPage: true,
      theme: { colors: { primary: "#7a1fa2" } },
      sourceTypes: { accounting: { optional: false, enableIntegrations: true, dataTypes: ["All **invoices**"] }, commerce: { optional: true, enableIntegrations: true } },
      text: {
        companyName: "Tide & Well",
        "landing.title": "Welcome to *{companyName}*",
        "landing.subtitle": "First line.\n\n- one\n- two",
        "landing.nextButton": "Let us **begin**",
        "main.title": "Your sources",
        "main.subtitle": "See [help](https://tidewell.example/help) <script>x</script>",
        "accounting.consents.title": "Share {platformName} with {companyName}",
        "accounting.consents.subtitle": "A **subtitle**",
        "accounting.consents.purpose": "For a purpose at {platformName}.",
        "accounting.consents.access": "To read.",
        "accounting.consents.accountInformation": "Your account.",
        "accounting.consents.retention": "For a year.",
        "accounting.consents.termsAndConditions": "Under [terms](https://tidewell.example/terms)",
        "accounting.consents.nextButton": "I agree",
        "accounting.consents.headers.purpose": "Why",
        "accounting.consents.headers.platformData": "What",
        "commerce.dataAccess.consent": "Old terms",
        "commerce.dataAccess.nextButton": "Old next",
        "commerce.dataAccess.dataTypes": ["Old orders"],
      },
    },
  });
  await title(page, "Welcome to Tide & Well");
  assert.deepEqual(await page.locator(".list li").allTextContents(), ["one", "two"]);
  assert.equal(
    await button(page, "Let us begin").evaluate((element) => getComputedStyle(element).backgroundColor),
    "color(srgb 0.478431 0.121569 0.635294)",
  );
  await button(page, "Let us begin").click();
  await title(page, "Your sources");
  assert.equal(await page.getByRole("link", { name: "help" }).getAttribute("href"), "https://tidewell.example/help");
  await page.getByText("<script>x</script>").waitFor();

  await toPlatforms(page);
  await button(page, "Xero").click();
  await title(page, "Share Xero with Tide & Well");
  for (const text of ["A subtitle", "For a purpose at Xero.", "Under terms", "In Tide & Well’s words", "All invoices", "Invoices"]) {
    await page.getByText(text, { exact: true }).waitFor();
  }
  assert.deepEqual(await page.locator("summary").allTextContents(), ["Why", "Access", "Account information", "What", "Retention"]);
  for (const [section, text] of [["Access", "To read."], ["Account information", "Your account."], ["Retention", "For a year."]] as const) {
    await page.locator("summary", { hasText: section }).click();
    await page.getByText(text, { exact: true }).waitFor();
  }
  await page.getByText("Tidewell keeps what it has read for 90 days.").waitFor();
  const opening = page.waitForEvent("popup");
  await button(page, "I agree").click();
  await (await signingIn(opening)).close();
  const text = String((await calls(page, "consent"))[0]![1]["text"]);
  assert.ok(text.startsWith("# Share Xero with Tide & Well\n\nA **subtitle**\n\n## Why\n\nFor a purpose at Xero."), text);
  for (const said of ["- All **invoices**", "Your account.", "Under [terms](https://tidewell.example/terms)"]) assert.ok(text.includes(said), said);

  await button(page, "Back").click();
  await button(page, "Back").click();
  await button(page, "Back").click();
  await toPlatforms(page, "Commerce");
  await button(page, "Square").click();
  for (const old of ["Old terms", "Old orders"]) await page.getByText(old, { exact: true }).waitFor();
  await button(page, "Old next").waitFor();
  await page.context().close();
});

test("the client's settings stand in every page, and the page's own options go before them", async () => {
  const company = it.platform.company(PLATFORMS);
  company.view.settings = {
    colour: "#7a1fa2",
    showLandingPage: true,
    showSandboxIntegrations: false,
    sourceTypes: { accounting: { optional: false, enableIntegrations: true }, banking: { optional: true, enableIntegrations: true } },
    text: {
      companyName: "Tide & Well",
      "landing.title": "Welcome to {companyName}",
      "landing.nextButton": "Begin",
      "main.title": "The client's",
      "exit.title": "Really leave **{companyName}**?",
      "exit.text": "Call [us](https://tidewell.example/call).",
      "exit.stay": "Stay here",
      "exit.leave": "Leave now",
    },
  };
  let page = await it.open(company);
  await title(page, "Welcome to Tide & Well");
  assert.equal(
    await button(page, "Begin").evaluate((element) => getComputedStyle(element).backgroundColor),
    "color(srgb 0.478431 0.121569 0.635294)",
  );
  await button(page, "Begin").click();
  await title(page, "The client's");
  assert.equal(await button(page, "Connect Commerce").count(), 0);
  await page.getByText("To complete, connect: Accounting.").waitFor();
  await toPlatforms(page);
  assert.deepEqual(await page.locator(".rows b").allTextContents(), ["QuickBooks Online", "Xero"].sort().reverse());
  await button(page, "Close").click();
  await title(page, "Really leave Tide & Well?");
  await page.getByRole("link", { name: "us" }).waitFor();
  await button(page, "Stay here").click();
  await button(page, "Close").click();
  await button(page, "Leave now").click();
  assert.deepEqual(await calls(page), [["close", undefined]]);
  await page.context().close();

  page = await it.open(company, {
    options: {
      showLandingPage: false,
      theme: { colors: { primary: "#123456" } },
      sourceTypes: { commerce: { optional: false, enableIntegrations: true } },
      text: { "main.title": "The page's" },
    },
  });
  await title(page, "The page's");
  await button(page, "Connect Commerce").waitFor();
  assert.equal(await button(page, "Connect Accounting").count(), 0);
  assert.equal(
    await button(page, "Connect Commerce").evaluate((element) => getComputedStyle(element).backgroundColor),
    "color(srgb 0.0705882 0.203922 0.337255)",
  );
  await page.context().close();
});

test("the client's picture stands on the landing page, from the platform or the page's own site and from nowhere else", async () => {
  const company = it.platform.company(PLATFORMS);
  const show = async (heroImage: string) => {
    company.view.settings = { showLandingPage: true, heroImage, text: {} };
    const page = await it.open(company);
    await title(page, "Share your data with Tidewell");
    const shown = await page.locator("img.hero").evaluateAll((all) => all.map((each) => (each as HTMLImageElement).src));
    if (shown.length) assert.deepEqual(await violations(page), []);
    await page.context().close();
    return shown;
  };
  const picture = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 4"><rect width="8" height="4" fill="#456"/></svg>';
  const own = it.serve("/hero.svg", picture, { "Content-Type": "image/svg+xml" });
  for (const address of [own, `${it.platform.url}/logos/hero.svg`]) assert.deepEqual(await show(address), [address]);
  assert.deepEqual(await show("https://pictures.example/hero.jpg"), []);
});

test("a name's own full stop ends the sentence, too", async () => {
  const company = it.platform.company(PLATFORMS);
  company.view.provider.name = "Noord B.V.";
  const page = await it.open(company, { options: { showLandingPage: true, text: { "landing.subtitle": "By {companyName}. Now." } } });
  await page.getByText("By Noord B.V. Now.", { exact: true }).waitFor();
  await page.context().close();
});

test("the strictest policy has nothing to report", async () => {
  const company = it.platform.company(PLATFORMS);
  const policy = [
    "default-src 'none'",
    `script-src ${it.platform.url} 'self'`,
    `connect-src ${it.platform.url}`,
    `img-src ${it.platform.url}`,
    "style-src 'self'",
    "require-trusted-types-for 'script'",
    "trusted-types moorline",
    "report-uri /csp-report",
  ].join("; ");
  const page = await it.open(company, { headers: { "Content-Security-Policy": policy }, options: { theme: { colors: { primary: "#123" } } } });
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  await toConsent(page);
  await depart(page);
  company.link("Xero");
  await title(page, "Xero is connected");
  assert.deepEqual(it.reports, []);
  const origins = new Set(requests.map((url) => new URL(url).origin));
  assert.deepEqual([...origins], [it.platform.url], "nothing is fetched from a third party");
  await page.context().close();
});

test("mounted twice there is one, as in React's strict mode, and removed it leaves no trace", async () => {
  const company = it.platform.company(PLATFORMS);
  const { outputFiles } = await build({
    stdin: {
      contents: `import { StrictMode, useEffect, useRef } from "react";
        import { createRoot } from "react-dom/client";
        import { initializeCodatLink } from "@codat/sdk-link-types";
        import { initCodatConnections } from "@codat/sdk-link-types/connections";
        window.other = typeof initCodatConnections;
        function Link() {
          const target = useRef(null);
          useEffect(() => { initializeCodatLink(target.current, window.props); }, []);
          return <div ref={target} />;
        }
        const root = createRoot(document.querySelector("#target"));
        root.render(<StrictMode><Link /></StrictMode>);
        window.unmount = () => root.unmount();`,
      loader: "tsx",
      resolveDir: process.cwd(),
    },
    bundle: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"development"' },
    alias: {
      "@codat/sdk-link-types/connections": `${process.cwd()}/dist/connections.js`,
      "@codat/sdk-link-types": `${process.cwd()}/dist/index.js`,
    },
  });
  const page = await it.page();
  it.serve("/react.js", outputFiles[0]!.text);
  const props = JSON.stringify({ companyId: company.id, accessToken: company.token });
  it.serve("/props.js", `window.props = ${props};`);
  await page.goto(it.serve("/react", `<!doctype html><html lang=en><title>Host</title><main id=target></main><script src=/props.js></script><script type=module src=/react.js></script>`));
  await button(page, "Connect Accounting").waitFor();
  assert.equal(await page.locator("moorline-link").count(), 1);
  assert.equal(await page.evaluate(() => (window as unknown as { other: string }).other), "function");
  await until(() => company.streams.size === 1, "one stream");
  await page.evaluate(() => (window as unknown as { unmount(): void }).unmount());
  await until(() => company.streams.size === 0, "no stream is left");
  const before = company.requests.length;
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
  assert.equal(company.requests.length, before);
  await page.context().close();
});

test("in every language the main page and the consent are whole at 320 px, and Arabic runs from right to left", async () => {
  for (const locale of ["ar", "de", "es", "fr", "nl"]) {
    const company = it.platform.company(PLATFORMS, [{ platformName: "Lighthouse Bank", status: "Linked" }]);
    company.told.writes = [{ dataType: "bills", name: "bills", create: true, update: false }];
    const page = await it.open(company, { context: { viewport: { width: 320, height: 640 }, locale } });
    await page.locator(".kind .button").first().click();
    await page.locator(".missed input").fill("Abacus");
    await page.keyboard.press("Enter");
    await page.locator(".missed p:not(.sr)").waitFor();
    const { provider } = company.view;
    const told = await page.locator(".missed").innerText();
    assert.ok(told.includes("Abacus") && told.split(provider.name).length === 3, `${locale}: ${told}`);
    assert.deepEqual(await cutOff(page), [], locale);
    await page.getByRole("button", { name: "Xero" }).click();
    await page.locator("details").first().waitFor();
    await page.evaluate(() => {
      const root = document.querySelector("moorline-link")!.shadowRoot!;
      for (const fold of root.querySelectorAll("details")) fold.open = true;
    });
    assert.deepEqual(await violations(page), [], locale);
    assert.deepEqual(await cutOff(page), [], locale);
    const shown = await page.locator(".card").evaluate((card) => [card.getAttribute("lang"), getComputedStyle(card).direction]);
    assert.deepEqual(shown, [locale, locale === "ar" ? "rtl" : "ltr"]);
    const text = await page.locator(".folds").innerText();
    assert.doesNotMatch(text, /[{}]|undefined|NaN|Invoices/, locale);
    const look = async (name: string) => {
      assert.deepEqual(await violations(page), [], `${name} in ${locale}`);
      assert.deepEqual(await cutOff(page), [], `${name} in ${locale}`);
      const shown = await page.locator(".card").innerText();
      assert.doesNotMatch(shown, /[{}]|undefined|NaN/, `${name} in ${locale}`);
      if (!process.env["SCREENSHOTS"]) return;
      await page.setViewportSize({ width: 320, height: 1400 });
      await page.screenshot({ path: `${process.env["SCREENSHOTS"]}/language-${locale}-${name}.png` });
      await page.setViewportSize({ width: 320, height: 640 });
    };
    await look("consent");
    await page.locator(".actions .text").click();
    await page.locator(".code").waitFor();
    await look("elsewhere");
    for (const at of [".code", ".folds", ".search, .rows"]) {
      await page.locator(at).first().waitFor();
      await page.locator(".back").click();
    }
    await page.locator(".managed").waitFor();
    await look("main");
    await page.locator(".managed").click();
    await page.locator(".row[data-id]").click();
    await page.locator(".timeline li").first().waitFor();
    await look("managed");
    await page.context().close();
  }
});

test("the module can be imported on a server, as both kinds of module", async () => {
  const require = createRequire(`${process.cwd()}/package.json`);
  const load = async (file: string) =>
    file.endsWith(".cjs") ? require(`./dist/${file}`) : import(`${process.cwd()}/dist/${file}`);
  for (const file of ["index.js", "index.cjs", "link.js", "connections.js", "connections.cjs"]) {
    const module = await load(file);
    assert.equal(typeof (module.initializeCodatLink ?? module.initCodatConnections), "function", file);
  }
  const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
  const files = JSON.stringify(exports).match(/\.\/dist\/[^"]+/g)!;
  assert.ok(files.length > 8);
  for (const file of files) assert.ok(existsSync(file), file);
  const { version, gzipped } = JSON.parse(readFileSync("dist/version.json", "utf8"));
  assert.equal((await load("index.js")).version, version);
  assert.ok(gzipped <= 20_480, `${gzipped} bytes`);
});
