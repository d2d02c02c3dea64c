// The checks of every screen: accessibility, nothing cut off, and a picture to inspect.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Page } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const OUT = join(dirname(fileURLToPath(import.meta.url)), "../../out/screens");

/** Faults of the page as it stands; leaves a picture of it in `out/screens`. */
export async function look(page: Page, name: string): Promise<string[]> {
  mkdirSync(OUT, { recursive: true });
  // A dialog covers the screen, not the whole length of the page below it.
  const fullPage = (await page.locator("dialog[open]").count()) === 0;
  await page.screenshot({ path: join(OUT, `${name}.png`), fullPage, animations: "disabled" });
  // Evaluated over the debugger's protocol, to which the page's content security policy does not apply.
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    const { violations: found } = await axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
  });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  return [...violations, ...(overflow > 0 ? [`${overflow} px wider than the screen`] : [])].map((fault) => `${name}: ${fault}`);
}
