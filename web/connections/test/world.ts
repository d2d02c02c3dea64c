/** A browser, a platform and a host site of another origin, for tests from outside. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before } from "node:test";
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from "playwright-core";
import { en } from "../src/locales/en";
import { detail } from "../src/locales/en.detail";
import { fill } from "../src/locales/index";
import { Platform, type Company } from "./platform";

// As the part does that is loaded with the first connection.
Object.assign(en, detail);

const ARGS =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const axe = readFileSync(createRequire(`${process.cwd()}/package.json`).resolve("axe-core/axe.min.js"), "utf8");

interface HostPage {
  html: string;
  headers?: Record<string, string>;
}

export class World {
  platform = new Platform();
  browser!: Browser;
  hostUrl = "";
  readonly pages = new Map<string, HostPage>();
  readonly reports: string[] = [];
  readonly #host = createServer(async (request, response) => {
    if (request.url === "/csp-report") {
      for await (const chunk of request) this.reports.push(String(chunk));
      return void response.writeHead(204).end();
    }
    const page = this.pages.get(request.url!.split("?")[0]!);
    if (!page) return void response.writeHead(404).end();
    response.writeHead(200, {
      "Content-Type": request.url!.endsWith(".js") ? "text/javascript" : "text/html; charset=utf-8",
      ...page.headers,
    });
    response.end(page.html);
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
    page.setDefaultTimeout(10_000);
    return page;
  }

  /** Serves a page at a path of the host site; returns its address. */
  serve(path: string, page: HostPage): string {
    this.pages.set(path, page);
    return this.hostUrl + path;
  }

  /** Opens a plain host page that the component fills, for a company. `window.calls` logs the callbacks. */
  async open(
    company: Company,
    settings: { page?: Page; context?: BrowserContextOptions; options?: object; head?: string; props?: string } = {},
  ): Promise<Page> {
    const page = settings.page ?? (await this.page(settings.context));
    const path = `/open-${company.id}`;
    await page.goto(this.serve(path, { html: this.html(company, settings) }));
    return page;
  }

  html(
    company: Company,
    settings: { options?: object | undefined; head?: string | undefined; props?: string | undefined },
  ): string {
    return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Host</title>
<meta name="viewport" content="width=device-width">
<style>:root{color-scheme:light dark}html,body{margin:0;height:100%}body{background:light-dark(#eef1f4,#0c0e12)}#target{width:100%;height:100%}</style>
${settings.head ?? ""}</head><body><main id="target"></main>
<script type="module">
import { CodatConnections } from "${this.platform.url}/sdk/connections.js";
window.calls = [];
const log = (name) => (args) => window.calls.push([name, args]);
window.connections = new CodatConnections({ target: document.querySelector("#target"), props: {
  accessToken: ${JSON.stringify(company.token)},
  onClose: log("close"), onError: log("error"), onDisconnect: log("disconnect"), onReconnect: log("reconnect"),
  options: ${JSON.stringify(settings.options ?? {}).replaceAll("<", "\\u003c")},
  ${settings.props ?? ""}
}});
</script></body></html>`;
  }
}

/** One world per test file. */
export function world(): World {
  const world = new World();
  before(() => world.start());
  after(() => world.stop());
  return world;
}

export async function calls(page: Page, name?: string): Promise<[string, Record<string, unknown>][]> {
  const all = await page.evaluate(() => (window as unknown as { calls: [string, Record<string, unknown>][] }).calls);
  return name ? all.filter((call) => call[0] === name) : all;
}

/** Buttons whose text contains `name`, such as the row of a connection. */
export const row = (page: Page, name: string): Locator => page.getByRole("button", { name });

/** Texts below are English; another language's words can stand for them. */
let translate = (text: string): string => text;

/** Looks for the words of another language from now on, or of English again. */
export function read(words?: object): void {
  const [from, to] = [flat(en), words ? flat(words) : []];
  translate = (text) => {
    for (const [key, pattern] of words ? from : []) {
      const names = [...pattern.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
      const literal = pattern.split(/\{\w+\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      const found = new RegExp(`^${literal.join("(.+)")}$`).exec(text);
      const other = new Map(to).get(key);
      if (found && other) return fill(other, Object.fromEntries(names.map((name, at) => [name, found[at + 1]!])));
    }
    return text;
  };
}

/** Every text of a locale file by its key. */
export function flat(words: object, path = ""): [string, string][] {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value] as [string, string]] : flat(value, `${path}${key}.`),
  );
}

export const button = (page: Page, name: string): Locator => page.getByRole("button", { name: translate(name), exact: true });

/** Waits for the heading of a view. */
export const title = (page: Page, name: string): Promise<void> =>
  page.getByRole("heading", { name: translate(name), exact: true }).waitFor();

/** An element with a text. */
export const text = (page: Page, words: string): Locator => page.getByText(translate(words)).first();

/** The text of the element that has the focus, inside the component too. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return `${element?.localName} ${(element?.getAttribute("aria-label") ?? element?.textContent ?? "").trim()}`;
  });
}

/** Waits until `check` returns a truthy value, and returns it. */
export async function until<T>(check: () => T | Promise<T>, what: string, timeoutMs = 10_000): Promise<T> {
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
    const root = document.querySelector("moorline-connections")!.shadowRoot!;
    return [...root.querySelectorAll<HTMLElement>(".card, .body, .bar, .actions, button, a, p, h2, h3, dt, dd, li, .badge")]
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
      rules: { "page-has-heading-one": { enabled: false }, "landmark-unique": { enabled: true } },
    });
    return found.violations.flatMap((violation: { id: string; nodes: { html: string; failureSummary: string }[] }) =>
      violation.nodes.map((node) => `${violation.id}: ${node.html} — ${node.failureSummary}`),
    );
  });
}
