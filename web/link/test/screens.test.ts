/** Every state in light and dark, at common sizes: accessible, and not cut off. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { test } from "node:test";
import { show, STATES } from "./states";
import { cutOff, violations, world } from "./world";

const it = world();
/** The folder for a picture of each state; unset, none are taken. */
const pictures = process.env["SCREENSHOTS"];
if (pictures) mkdirSync(pictures, { recursive: true });

for (const state of STATES) {
  test(`${state.name} is accessible and fits, in light and in dark`, async () => {
    const page = await it.page();
    await show(it, state, page);
    for (const size of [{ width: 460, height: 840 }, { width: 320, height: 568 }]) {
      await page.setViewportSize(size);
      // Colours don't depend on the size.
      for (const colorScheme of size.width === 320 ? (["light"] as const) : (["dark", "light"] as const)) {
        await page.emulateMedia({ colorScheme });
        assert.deepEqual(await violations(page), [], `${size.width} px in ${colorScheme}`);
      }
      assert.deepEqual(await cutOff(page), [], `cut off sideways at ${size.width} px`);
      const small = await page.evaluate(() => {
        const root = document.querySelector("moorline-link")!.shadowRoot!;
        return [...root.querySelectorAll<HTMLElement>("button, a.button, summary, input")]
          .filter((element) => element.getBoundingClientRect().height < 44)
          .map((element) => element.textContent);
      });
      assert.deepEqual(small, [], "targets below 44 px");
    }
    for (const width of pictures ? [375, 1280] : []) {
      await page.setViewportSize({ width, height: width < 500 ? 812 : 800 });
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: `${pictures}/${state.name.replaceAll(" ", "-")}-${colorScheme}-${width}.png` });
      }
    }
    await page.context().close();
  });
}
