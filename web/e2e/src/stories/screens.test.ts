// Every screen in light and dark, on a desktop and on a phone: accessible, not cut off, and kept as a picture.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import type { Browser, Page } from "playwright-core";

import {
  arriveAtResult,
  BUSINESSES,
  companyOf,
  connect,
  decideAtSandbox,
  leaveUnchanged,
  openComponent,
  openLink,
  PLATFORMS,
  proceed,
  reportNotInList,
  signUp,
} from "../harness/actors/customer.js";
import { launchBrowser, openProfile } from "../harness/browser.js";
import { look } from "../harness/look.js";
import { startWorld, type World } from "../harness/world.js";

let browser: Browser;
let world: World;
before(async () => {
  browser = await launchBrowser();
  // The lender sets a redirect URL, which `withoutRedirect` removes for Moorline's own result pages.
  world = await startWorld({ engine: "SQLite", lender: true });
});
after(async () => {
  await world?.stop();
  await browser?.close();
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const [device, viewport] of [
    ["desktop", { width: 1280, height: 860 }],
    ["phone", { width: 375, height: 760 }],
  ] as const) {
    describe(`in ${colorScheme} on a ${device}`, () => {
      async function visit(name: string, run: (page: Page, at: (screen: string) => Promise<void>) => Promise<void>): Promise<void> {
        const profile = await openProfile(browser, { colorScheme, viewport });
        const faults: string[] = [];
        await profile.use(`${colorScheme} ${device} ${name}`, (page) =>
          run(page, async (screen) => {
            faults.push(...(await look(page, `${screen}-${colorScheme}-${device}`)));
          }),
        );
        assert.deepEqual([...faults, ...profile.complaints], []);
      }

      async function newLink(platformKey: string): Promise<{ linkUrl: string; redirect: string }> {
        const { companyId, linkUrl } = await world.client.newConnection("Saltmarsh Bakery", platformKey);
        const { redirect } = await world.client.codat.companies.get({ companyId });
        return { linkUrl, redirect };
      }

      /** Runs a visit without a redirect URL, which Moorline's own pages therefore end. */
      async function withoutRedirect(run: () => Promise<void>): Promise<void> {
        const { name, redirectUrl, ...profile } = await world.client.codat.settings.getProfile();
        await world.client.codat.settings.updateProfile({ ...profile, name, redirectUrl: "" });
        try {
          await run();
        } finally {
          await world.client.codat.settings.updateProfile({ ...profile, name, redirectUrl });
        }
      }

      test("the link pages and the sandbox's pages are accessible, from the start to each ending", () =>
        withoutRedirect(() =>
          visit("link pages", async (page, at) => {
            const { linkUrl, redirect } = await newLink(PLATFORMS.accounting.key);
            await page.goto(redirect);
            await page.getByRole("heading", { level: 1 }).waitFor();
            await at("link-overview-empty");
            await page.goto(linkUrl);
            await page.getByRole("heading", { level: 1 }).waitFor();
            const inSight = await page.locator("button.primary").evaluate((button) => {
              const { top, bottom } = button.getBoundingClientRect();
              return top >= 0 && bottom <= innerHeight;
            });
            assert.ok(inSight, "the button to go on is in sight before anything is scrolled");
            await at("link-start");
            for (const summary of await page.locator("summary").all()) await summary.click();
            await at("link-start-unfolded");
            await proceed(page);
            await page.locator("button.person").first().waitFor();
            await at("sandbox-sign-in");
            await page.locator("button.person").first().click();
            await page.locator("input[name=business]").first().waitFor();
            await at("sandbox-consent");
            await decideAtSandbox(page, "Allow access", BUSINESSES.carpenter);
            await arriveAtResult(page);
            await at("link-connected");
            await page.goto(linkUrl);
            await arriveAtResult(page);
            await at("link-connected-again");
            await page.getByRole("link", { name: "See or stop what you share" }).click();
            await page.getByRole("button", { name: "Show it" }).waitFor();
            await at("owner-door");
            await page.getByRole("button", { name: "Show it" }).click();
            await page.getByRole("button", { name: "Ask for a copy of your data" }).click();
            await page.getByText("Asked on").waitFor();
            await at("owner-sharing");
            await page.getByRole("button", { name: /^Disconnect/ }).first().click();
            await page.getByRole("link", { name: "Back" }).waitFor();
            await at("owner-disconnect");
            const again = await newLink(PLATFORMS.commerce.key);
            await page.goto(again.linkUrl);
            await leaveUnchanged(page);
            await arriveAtResult(page);
            await at("link-left");
            const denied = await newLink(PLATFORMS.banking.key);
            await page.goto(denied.linkUrl);
            await proceed(page);
            await decideAtSandbox(page, "Deny");
            await arriveAtResult(page);
            await at("link-denied");
            await world.sandbox.arm({ kind: "authorization_error", error: "server_error" });
            const failed = await newLink(PLATFORMS.banking.key);
            await page.goto(failed.linkUrl);
            await proceed(page);
            await arriveAtResult(page);
            await at("link-failed");
            await page.goto(failed.redirect);
            await reportNotInList(page);
            await arriveAtResult(page);
            await at("link-not-listed");
            await page.goto(`${world.sandbox.url}/control`);
            await page.getByRole("heading", { level: 1 }).waitFor();
            await at("sandbox-control");
            await world.enableIntegration("updc");
            const files = await newLink("updc");
            await page.goto(files.linkUrl);
            await page.getByRole("heading", { name: "Upload business documents" }).waitFor();
            await at("link-upload");
            const file = (name: string, text: string) => ({ name, mimeType: "application/pdf", buffer: Buffer.from(text) });
            await page.getByLabel("Files").setInputFiles([file("invoice.pdf", "MZ, a program")]);
            await page.getByRole("button", { name: "Upload" }).click();
            await page.getByRole("alert").waitFor();
            await at("link-upload-refused");
            await page.getByLabel("Files").setInputFiles([file("lease.pdf", "%PDF-1.7"), file("plan.pdf", "%PDF-1.7")]);
            await page.getByRole("button", { name: "Upload" }).click();
            await page.getByRole("heading", { name: "Your files were uploaded" }).waitFor();
            await at("link-uploaded");
          }),
        ));

      test("the API reference is accessible, and is filtered and opened by keyboard", () =>
        visit("reference", async (page, at) => {
          await page.goto(`${world.platform}/reference`);
          await page.getByRole("heading", { level: 1, name: "API reference" }).waitFor();
          const filter = page.getByRole("searchbox");
          await filter.fill("products/");
          const operation = page.locator("details#refreshProduct");
          await operation.waitFor();
          await operation.locator("summary").first().focus();
          await page.keyboard.press("Enter");
          await operation.getByText("ProductRefreshIn").first().waitFor();
          await at("reference");
        }));

      test("the lender's pages and the component in them are accessible", () =>
        visit("lender", async (page, at) => {
          await page.goto(world.lender);
          await page.getByRole("heading", { level: 1 }).waitFor();
          await at("lender-welcome");
          await page.getByLabel("Business name").fill("Saltmarsh Bakery");
          await page.getByLabel("Your name").fill("Mara Quill");
          await page.getByLabel("Work email").fill("mara@saltmarsh.example");
          await page.getByRole("button", { name: "Create my application" }).click();
          await page.getByRole("button", { name: `Connect to ${PLATFORMS.accounting.name}`, exact: true }).waitFor();
          await at("lender-connect");
          const window = await openLink(page, PLATFORMS.accounting.name);
          await at("lender-waiting");
          await proceed(window);
          await decideAtSandbox(window, "Allow access", BUSINESSES.carpenter);
          await window.waitForURL(/\/linked\?/);
          await window.close();
          await page.getByRole("heading", { name: "Your data is here" }).waitFor({ timeout: 120_000 });
          await at("lender-data");
          await page.getByRole("link", { name: /See your overview/ }).click();
          await page.getByRole("heading", { name: "Top customers" }).waitFor();
          await at("lender-overview");
          const card = await openComponent(page);
          await card.locator("button.row").waitFor();
          await at("component-list");
          await card.locator("button.row").click();
          await card.getByRole("button", { name: "Disconnect", exact: true }).waitFor();
          await at("component-detail");
          await card.getByRole("button", { name: "Disconnect", exact: true }).click();
          await card.getByRole("heading", { name: /^Disconnect / }).waitFor();
          await at("component-confirm");
          await card.getByRole("button", { name: "Disconnect", exact: true }).click();
          await card.getByRole("heading", { name: /disconnected$/ }).waitFor();
          await at("component-disconnected");
          await card.getByRole("button", { name: "Done" }).click();
          await card.locator("button.row").waitFor();
          await at("component-list-disconnected");
          await card.locator("button.row").click();
          await card.getByRole("button", { name: /Reconnect/ }).first().click();
          await card.getByRole("button", { name: `Continue to ${PLATFORMS.accounting.name}` }).waitFor();
          await at("component-reconnect");
        }));

      test("the lender's page for each ending of a visit is accessible", () =>
        visit("outcomes", async (page, at) => {
          const companyId = await companyOf(world, await signUp(page, world));
          const connected = await connect(page, PLATFORMS.banking.name);
          await connected.getByRole("heading", { name: /connected/ }).waitFor();
          const { id } = await world.client.onlyConnection(companyId);
          await connected.close();
          const ending = async (screen: string, visit: (page: Page) => Promise<void>, heading: RegExp, known?: string) => {
            const fresh = { companyId, requestBody: { platformKey: PLATFORMS.commerce.key } };
            await page.goto(known ?? (await world.client.codat.connections.create(fresh)).linkUrl);
            await visit(page);
            await page.waitForURL(/\/linked\?/);
            await page.getByRole("heading", { name: heading }).waitFor();
            await at(screen);
          };
          const { linkUrl } = await world.client.connection(companyId, id);
          await page.goto(linkUrl);
          await proceed(page);
          await decideAtSandbox(page, "Allow access");
          await page.waitForURL(/\/linked\?/);
          await page.getByRole("heading", { name: /connected/ }).waitFor();
          await at("lender-outcome-connected");
          const again = (await world.client.connection(companyId, id)).linkUrl;
          await ending("lender-outcome-unchanged", leaveUnchanged, /Nothing has changed/, again);
          await ending(
            "lender-outcome-cancelled",
            async (page) => {
              await proceed(page);
              await decideAtSandbox(page, "Deny");
            },
            /You cancelled/,
          );
          await ending(
            "lender-outcome-failed",
            async (page) => {
              await world.sandbox.arm({ kind: "authorization_error", error: "server_error" });
              await proceed(page);
            },
            /couldn't be connected/,
          );
          const { redirect } = await world.client.codat.companies.get({ companyId });
          await ending(
            "lender-outcome-not-supported",
            async (page) => {
              await page.goto(redirect);
              await reportNotInList(page);
            },
            /don't work with that platform/,
          );
        }));
    });
  }
}
