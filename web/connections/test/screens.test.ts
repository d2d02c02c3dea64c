/** Every state in light and dark, at common sizes: accessible, and not cut off. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { test } from "node:test";
import { show, STATES } from "./states";
import { cutOff, violations, world } from "./world";

const it = world();
const SIZES = [
  { width: 460, height: 840 },
  { width: 375, height: 667 },
  { width: 320, height: 568 },
];
/** The folder for a picture of each state; unset, none are taken. */
const pictures = process.env["SCREENSHOTS"];
if (pictures) mkdirSync(pictures, { recursive: true });

for (const state of STATES) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`${state.name} in ${colorScheme} is accessible and fits`, async () => {
      const page = await it.page({ colorScheme });
      await show(it, state, page);
      for (const size of SIZES) {
        await page.setViewportSize(size);
        assert.deepEqual(await violations(page), [], `${size.width} px`);
        assert.deepEqual(await cutOff(page), [], `cut off sideways at ${size.width} px`);
        assert.equal(await page.locator("svg path:not([d])").count(), 0, "icons without a shape");
        const small = await page.evaluate(() => {
          const root = document.querySelector("moorline-connections")!.shadowRoot!;
          return [...root.querySelectorAll<HTMLElement>("button, a.button")]
            .filter(
              (element) => element.getBoundingClientRect().height < 44 || element.getBoundingClientRect().width < 44,
            )
            .map((element) => element.textContent);
        });
        assert.deepEqual(small, [], "targets below 44 px");
        const askew = await page.evaluate(() => {
          const root = document.querySelector("moorline-connections")!.shadowRoot!;
          return [...root.querySelectorAll("img")].filter((image) => {
            const [inner, outer] = [image.getBoundingClientRect(), image.parentElement!.getBoundingClientRect()];
            return Math.abs(inner.top - outer.top) > 2 || Math.abs(inner.bottom - outer.bottom) > 2;
          }).length;
        });
        assert.equal(askew, 0, "logos out of their frames");
        if (pictures && size.width !== 320) {
          await page.screenshot({
            path: `${pictures}/${state.name.replaceAll(" ", "-")}-${colorScheme}-${size.width}.png`,
          });
        }
      }
      await page.context().close();
    });
  }
}
