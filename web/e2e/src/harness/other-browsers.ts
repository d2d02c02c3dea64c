// Firefox and WebKit, driven by the W3C's two protocols (BiDi and WebDriver): as much of them as one journey takes.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type ElementHandle, launch, type Page } from "puppeteer-core";
import { Builder, Capabilities, type WebElement } from "selenium-webdriver";

import { freePort, start } from "./processes.js";
import { until } from "./until.js";

/** A window of a browser, and what a person does in it. Each step waits for its element, in open shadow trees, too. */
export interface Window {
  go(url: string): Promise<void>;
  /** Waits until an element of the selector, with this text in it, can be seen. */
  see(selector: string, text?: string): Promise<void>;
  press(selector: string, text?: string): Promise<void>;
  type(selector: string, text: string): Promise<void>;
}

export interface OtherBrowser {
  /** A window that this wasn't asked for before: the first one, or one that a page opened. */
  window(): Promise<Window>;
  stop(): Promise<void>;
}

/** A browser that may be installed here. */
export interface Candidate {
  readonly name: string;
  /** False if it can be started, else the reason. */
  readonly skip: string | false;
  start(): Promise<OtherBrowser>;
}

const FIREFOX = "/usr/bin/firefox-esr";
const DRIVER = "/usr/bin/WebKitWebDriver";
const DISPLAY = "/usr/bin/Xvfb";
const LONGEST_MS = 60_000;

export const CANDIDATES: readonly Candidate[] = [
  { name: "Firefox", skip: lacking([FIREFOX], "firefox-esr"), start: startFirefox },
  { name: "WebKit", skip: lacking([DRIVER, DISPLAY], "webkit2gtk-driver and xvfb"), start: startWebKit },
];

function lacking(paths: string[], packages: string): string | false {
  return !paths.every((path) => existsSync(path)) && `not installed (Debian: ${packages})`;
}

/** Both protocols' elements have these. */
interface Target {
  click(): Promise<void>;
  enter(text: string): Promise<void>;
}

/**
 * In the page: the first element that fits, can be seen and has these words, as text or as a picture's. Only once it stays where it
 * was at the last look: what is pressed while the page still moves isn't what was meant.
 */
const FIND = `(selector, text) => {
  const words = (element) =>
    [element.textContent, ...[...element.querySelectorAll("img")].map((picture) => picture.alt)]
      .join(" ").replace(/\\s+/g, " ").replace(/[\\u2066-\\u2069]/g, "");
  const fits = (element) =>
    element.matches(selector) && element.checkVisibility() && words(element).includes(text) && !element.disabled;
  const look = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (fits(element)) return element;
      const inside = element.shadowRoot && look(element.shadowRoot);
      if (inside) return inside;
    }
    return null;
  };
  const found = look(document);
  // To the middle: at an edge, a bar that stays there may lie over it.
  found?.scrollIntoView({ block: "center", behavior: "instant" });
  const { x, y } = found?.getBoundingClientRect() ?? {};
  const before = globalThis.lastFound;
  globalThis.lastFound = { found, x, y };
  return before?.found === found && before.x === x && before.y === y ? found : null;
}`;

interface Reach {
  go(url: string): Promise<void>;
  element(script: string): Promise<Target | null>;
  text(script: string): Promise<string>;
}

function windowOf({ go, element, text }: Reach): Window {
  const find = async (selector: string, words = ""): Promise<Target> => {
    const script = `(${FIND})(${JSON.stringify(selector)}, ${JSON.stringify(words)})`;
    try {
      return await until(`${selector} ${words}`, () => element(script), LONGEST_MS);
    } catch (error) {
      throw new Error(await text("`${location} has: ${document.body.innerText}`"), { cause: error });
    }
  };
  return {
    go,
    see: async (selector, text) => void (await find(selector, text)),
    press: async (selector, text) => (await find(selector, text)).click(),
    type: async (selector, text) => (await find(selector)).enter(text),
  };
}

async function startFirefox(): Promise<OtherBrowser> {
  const browser = await launch({ browser: "firefox", executablePath: FIREFOX });
  const known = new Set<Page>();
  return {
    window: async () => {
      const page = await until("a window", async () => (await browser.pages()).find((page) => !known.has(page)), LONGEST_MS);
      known.add(page);
      return windowOf({
        go: async (url) => void (await page.goto(url)),
        element: async (script) => {
          const element = (await page.evaluateHandle(script)).asElement() as ElementHandle<Element> | null;
          return element && { click: () => element.click(), enter: (text) => element.type(text) };
        },
        text: async (script) => String(await page.evaluate(script)),
      });
    },
    stop: () => browser.close(),
  };
}

async function startWebKit(): Promise<OtherBrowser> {
  const folder = mkdtempSync(join(tmpdir(), "moorline-webkit-"));
  const port = await freePort();
  // A display that nobody sees: WebKit's browser for tests has no other way.
  const number = `:${port}`;
  const display = start("Xvfb", DISPLAY, [number, "-screen", "0", "1280x1000x24"], {
    env: { PATH: process.env["PATH"] ?? "" },
    log: join(folder, "display.log"),
  });
  const program = start("WebKitWebDriver", DRIVER, [`--port=${port}`], {
    env: {
      PATH: process.env["PATH"] ?? "",
      DISPLAY: number,
      HOME: folder,
      LANG: "C.UTF-8",
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
      LIBGL_ALWAYS_SOFTWARE: "1",
      WEBKIT_DISABLE_DMABUF_RENDERER: "1",
    },
    log: join(folder, "driver.log"),
  });
  const server = `http://127.0.0.1:${port}`;
  await until("WebKit’s driver", async () => (await fetch(`${server}/status`)).ok);
  const browser = await new Builder()
    .usingServer(server)
    .withCapabilities(new Capabilities({ browserName: "MiniBrowser" }))
    .build();
  const known = new Set<string>();
  return {
    window: async () => {
      const handles = () => browser.getAllWindowHandles();
      const handle = await until("a window", async () => (await handles()).find((one) => !known.has(one)), LONGEST_MS);
      known.add(handle);
      const run = async <T>(script: string): Promise<T> => {
        await browser.switchTo().window(handle);
        return browser.executeScript<T>(`return ${script}`);
      };
      return windowOf({
        go: async (url) => {
          await browser.switchTo().window(handle);
          await browser.get(url);
        },
        element: async (script) => {
          const element = await run<WebElement | null>(script);
          return element && { click: () => element.click(), enter: (text) => element.sendKeys(text) };
        },
        text: run<string>,
      });
    },
    stop: async () => {
      await browser.quit().catch(() => undefined);
      await program.stop();
      await display.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
