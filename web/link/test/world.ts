/** A browser, a platform and a host site of another origin, for tests from outside. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createRequire } from "node:module";
import { after, afterEach, before } from "node:test";
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from "playwright-core";
import { Platform, type Company } from "./platform";

const ARGS =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const axe = readFileSync(createRequire(`${process.cwd()}/package.json`).resolve("axe-core/axe.min.js"), "utf8");

interface Settings {
  context?: BrowserContextOptions;
  page?: Page;
  options?: object;
  /** More of the host's props, as code. */
  props?: string;
  /** In place of `onClose`, as code. */
  onClose?: string;
  headers?: Record<string, string>;
  body?: string;
}

export class World {
  readonly platform = new Platform();
  browser!: Browser;
  hostUrl = "";
  readonly pages = new Map<string, { html: string; headers: Record<string, string> }>();
  readonly reports: string[] = [];
  /** Errors that pages threw: there are none. */
  readonly errors: Error[] = [];
  readonly #host = createServer(async (request, response) => {
    if (request.url === "/csp-report") {
      for await (const chunk of request) this.reports.push(String(chunk));
      return void response.writeHead(204).end();
    }
    const page = this.pages.get(request.url!);
    if (!page) return void response.writeHead(404).end();
    const type = request.url!.endsWith(".js") ? "text/javascript" : "text/html; charset=utf-8";
    response.writeHead(200, { "Content-Type": type, ...page.headers }).end(page.html);
  });

  async start(): Promise<void> {
    await this.platform.start();
    await new Promise<void>((resolve) => this.#host.listen(0, "127.0.0.1", resolve));
    this.hostUrl = `http://127.0.0.1:${(this.#host.address() as AddressInfo).port}`;
    this.browser = await chromium.launch({
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: ARGS.split(" "),
    });
  }

  async stop(): Promise<void> {
    await this.browser?.close();
    await this.platform.stop();
    this.#host.closeAllConnections();
    await new Promise((resolve) => this.#host.close(resolve));
  }

  async page(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({
      viewport: { width: 460, height: 840 },
      reducedMotion: "reduce",
      locale: "en-GB",
      timezoneId: "Europe/London",
      ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (error) => this.errors.push(error));
    return page;
  }

  serve(path: string, html: string, headers: Record<string, string> = {}): string {
    this.pages.set(path, { html, headers });
    return this.hostUrl + path;
  }

  /** Opens a plain host page that the component fills, for a company. `window.calls` logs the callbacks. */
  async open(company: Company, settings: Settings = {}): Promise<Page> {
    const page = settings.page ?? (await this.page(settings.context));
    const script = this.serve(
      `/host-${company.id}.js`,
      `import { CodatLink } from "${this.platform.url}/sdk/link.js";
window.calls = [];
const log = (name) => (args) => window.calls.push([name, args]);
window.link = new CodatLink({ target: document.querySelector("#target"), props: {
  companyId: "${company.id}", accessToken: ${JSON.stringify(company.token)},
  onConnection: log("connection"), onConnectionStarted: log("started"), onConsent: log("consent"), onError: log("error"),
  onFinish: log("finish"), onClose: ${settings.onClose ?? 'log("close")'},
  options: ${JSON.stringify(settings.options ?? {})}, ${settings.props ?? ""}
}});`,
    );
    const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Host</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/host.css">
</head><body><main id="target"></main><script type="module" src="${new URL(script).pathname}"></script></body></html>`;
    this.serve(
      "/host.css",
      ":root{color-scheme:light dark}html,body{margin:0;height:100%}body{background:light-dark(#eef1f4,#0c0e12)}#target{width:100%;height:100%}",
      { "Content-Type": "text/css" },
    );
    await page.goto(this.serve(`/open-${company.id}`, html, settings.headers));
    return page;
  }
}

/** One world per test file. */
export function world(): World {
  const world = new World();
  before(() => world.start());
  after(() => world.stop());
  afterEach(() => assert.deepEqual(world.errors.splice(0), []));
  return world;
}

export async function calls(page: Page, name?: string): Promise<[string, Record<string, unknown>][]> {
  const all = await page.evaluate(() => (window as unknown as { calls: [string, Record<string, unknown>][] }).calls);
  return name ? all.filter((call) => call[0] === name) : all;
}

export const button = (page: Page, name: string | RegExp): Locator => page.getByRole("button", { name });

/** Waits for the heading of a view. */
export const title = (page: Page, name: string): Promise<void> =>
  page.getByRole("heading", { level: 2, name, exact: true }).waitFor();

/** The text of the element that has the focus, inside the component too. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return `${element?.localName} ${(element?.getAttribute("aria-label") ?? element?.textContent ?? "").trim()}`;
  });
}

/** Waits until `check` returns a truthy value, and returns it. */
export async function until<T>(check: () => T | Promise<T>, what: string, timeoutMs = 15_000): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Elements whose content is wider than they are. */
export function cutOff(page: Page): Promise<(string | null)[]> {
  return page.evaluate(() => {
    const root = document.querySelector("moorline-link")!.shadowRoot!;
    return [...root.querySelectorAll<HTMLElement>(".card, .body, .bar, .actions, .kind, .ask, button, a, p, h2, h3, h4, li, summary")]
      .filter((element) => element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== "inline")
      .filter((element) => !element.classList.contains("sr"))
      .map((element) => element.className || element.textContent);
  });
}

/** Axe's findings against WCAG 2.0 to 2.2, A and AA, one line each. */
export async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  return page.evaluate(async () => {
    const found = await (window as unknown as { axe: { run: Function } }).axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      rules: { "page-has-heading-one": { enabled: false } },
    });
    return found.violations.flatMap((violation: { id: string; nodes: { html: string; failureSummary: string }[] }) =>
      violation.nodes.map((node) => `${violation.id}: ${node.html} — ${node.failureSummary}`),
    );
  });
}
