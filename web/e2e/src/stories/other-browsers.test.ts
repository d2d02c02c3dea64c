// The main journey in the browsers that aren't Chromium: connect inside the page, see the data, disconnect. And the component's
// parts, which each browser must check by their digests.

import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";

import { BUSINESSES, PLATFORMS } from "../harness/actors/customer.js";
import { CANDIDATES } from "../harness/other-browsers.js";
import { startWorld } from "../harness/world.js";

const { name, key } = PLATFORMS.accounting;

for (const candidate of CANDIDATES) {
  test(`a merchant connects and disconnects in ${candidate.name}`, { skip: candidate.skip }, async () => {
    const world = await startWorld({ engine: "SQLite", lender: true });
    const browser = await candidate.start();
    try {
      const page = await browser.window();
      await page.go(world.lender);
      await page.type("input[name=businessName]", "Saltmarsh Bakery");
      await page.type("input[name=contactName]", "Mara Quill");
      await page.type("input[name=email]", "mara@saltmarsh.example");
      await page.press("button", "Create my application");

      await page.press("button", "Connect on this page");
      await page.press(".kind button", "Accounting");
      await page.press(`[data-id=${key}]`);
      await page.see("h1, h2", `Connect ${name} to`);
      await page.press("button", `Connect to ${name}`);
      const window = await browser.window();
      await window.press("form[action$='/start'] input[type=checkbox]");
      await window.press("form[action$='/start'] button.primary");
      await window.press("button.person");
      await window.press(`label:has(input[value="${BUSINESSES.carpenter}"])`);
      await window.press("button", "Allow access");
      await page.see("h1, h2", `${name} is connected`);
      await page.press("button", "Continue");
      await page.press("button.primary", "Complete");
      await page.see("h1", "Your data is here");

      const [company] = (await world.client.codat.companies.list({})).results ?? [];
      const linked = await world.client.onlyConnection(company!.id);
      assert.equal(linked.status, "Linked");

      // What arrives moves the link down, and the sums arrive last.
      await page.see("section", "agree with the others, to the cent");
      await page.press("a", "See your overview");
      await page.press("button", "Manage connections");
      await page.press("button.row");
      await page.press("button", "Disconnect");
      await page.see("h1, h2", `Disconnect ${name}?`);
      await page.press("button", "Disconnect");
      await page.see("h1, h2", `${name} disconnected`);
      assert.equal((await world.client.onlyConnection(company!.id)).status, "Unlinked");
    } finally {
      await browser.stop();
      await world.stop();
    }
  });

  test(`${candidate.name} runs no part that isn't the one that the first module knows`, { skip: candidate.skip }, async () => {
    const world = await startWorld({ engine: "SQLite" });
    const { id: companyId } = await world.client.codat.companies.create({ name: "Saltmarsh Bakery" });
    const { accessToken } = await world.client.codat.companies.getAccessToken({ companyId });
    // Stands before the platform, and answers with parts of its own.
    let honest = false;
    const between = createServer((asked, answer) => {
      const { url = "", method, headers } = asked;
      if (url === "/page") {
        answer.setHeader("content-type", "text/html");
        answer.end(`<!doctype html><title>Page</title><main></main><script type="module">
          import { CodatLink } from "/sdk/link.js";
          new CodatLink({ target: document.querySelector("main"), props: ${JSON.stringify({ companyId, accessToken })} });
        </script>`);
      } else if (url.startsWith("/sdk/parts/") && !honest) {
        answer.setHeader("content-type", "text/javascript");
        answer.end("document.body.textContent = 'unpinned'; export default () => ({});");
      } else {
        const { host } = new URL(world.platform);
        const further = request(world.platform + url, { method, headers: { ...headers, host } }, (answered) => {
          answer.writeHead(answered.statusCode ?? 502, answered.headers);
          answered.pipe(answer);
        });
        asked.pipe(further);
      }
    });
    await new Promise<void>((resolve) => between.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${(between.address() as AddressInfo).port}`;
    await world.client.codat.settings.set({ allowedOrigins: [address] });
    const browser = await candidate.start();
    try {
      const page = await browser.window();
      await page.go(`${address}/page`);
      await page.press(".kind button", "Accounting");
      await page.see("h2", "We couldn’t load the platforms");
      honest = true;
      await page.press("button", "Try again");
      await page.press(`[data-id=${key}]`);
      await page.see("h2", `Connect ${name} to`);
    } finally {
      await browser.stop();
      between.closeAllConnections();
      between.close();
      await world.stop();
    }
  });
}
