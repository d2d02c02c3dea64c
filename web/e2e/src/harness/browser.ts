// Chromium, and a record of the errors and policy violations of its pages.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const CANDIDATES = [
  process.env["CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const OUT = join(dirname(fileURLToPath(import.meta.url)), "../../out");

export async function launchBrowser(): Promise<Browser> {
  const executablePath = CANDIDATES.find((path) => path !== undefined && existsSync(path));
  if (executablePath === undefined) {
    throw new Error("No Chromium was found. Install it, or set CHROMIUM.");
  }
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** One customer's browser profile. */
export interface Profile {
  /** Runs a visit in this profile and closes it; after a failure, `out/` has a picture of each page. */
  use(name: string, run: (page: Page) => Promise<void>): Promise<void>;
  readonly context: BrowserContext;
  /** Errors thrown in pages and violations of a content security policy, in order. */
  readonly complaints: string[];
  page(): Promise<Page>;
  close(): Promise<void>;
}

export async function openProfile(
  browser: Browser,
  options: { colorScheme?: "light" | "dark"; viewport?: { width: number; height: number } } = {},
): Promise<Profile> {
  const context = await browser.newContext({
    locale: "en-GB",
    colorScheme: options.colorScheme ?? "light",
    viewport: options.viewport ?? { width: 1280, height: 900 },
  });
  context.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  context.on("weberror", (error) => complaints.push(String(error.error())));
  context.on("console", (message) => {
    const text = message.text();
    if (/content security policy|trusted ?type/i.test(text)) complaints.push(text);
  });
  return {
    context,
    complaints,
    page: () => context.newPage(),
    close: () => context.close(),
    use: async (name, run) => {
      try {
        await run(await context.newPage());
      } catch (error) {
        for (const [index, page] of context.pages().entries()) {
          const path = join(OUT, `${name.replaceAll(/\W+/g, "-")}-${index}.png`);
          await page.screenshot({ path }).catch(() => undefined);
        }
        if (complaints.length > 0) console.error(complaints.join("\n"));
        throw error;
      } finally {
        await context.close();
      }
    },
  };
}
