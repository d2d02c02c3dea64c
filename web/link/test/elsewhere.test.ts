/** The link to go on with on another device, or to give to an accountant. */
import assert from "node:assert/strict";
import { test } from "node:test";
import decodeQR from "qr/decode.js";
import type { Page } from "playwright-core";
import { codeOf } from "../src/views/code";
import { PLATFORMS, depart, toConsent } from "./states";
import { button, calls, title, until, world } from "./world";

const it = world();

/** The text of the code on the page, read from its picture. */
async function scanned(page: Page): Promise<string> {
  const picture = await page.getByRole("img", { name: "QR code of the link" }).screenshot();
  const pixels = await page.evaluate(async (base64) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d")!;
    canvas.drawImage(image, 0, 0);
    const { data } = canvas.getImageData(0, 0, image.width, image.height);
    return { width: image.width, height: image.height, data: [...data] };
  }, picture.toString("base64"));
  return decodeQR({ ...pixels, data: Uint8Array.from(pixels.data) });
}

test("a customer goes on with another device, and the page learns of the end", async () => {
  const company = it.platform.company(PLATFORMS);
  const page = await it.open(company, { options: { locale: "en-GB" } });
  await toConsent(page);
  await button(page, "Use another device, or ask someone else").click();
  await title(page, "Connect Xero from somewhere else");
  const link = await page.getByLabel("Link to connect Xero").inputValue();
  assert.equal(await scanned(page), link);
  const address = new URL(link);
  assert.match(address.pathname, new RegExp(`/connections/${company.pending("Xero").id}/start$`));
  assert.ok(address.searchParams.get("otp"));
  assert.equal(address.searchParams.get("locale"), "en-GB");
  // Away from this page, there is no page beside it to go back to.
  assert.equal(address.searchParams.has("link.embedded"), false);

  // The link stays what it is while the page follows what happens.
  const reads = company.count(/link.view/);
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await until(() => company.count(/link.view/) > reads, "it was read again");
  assert.equal(await page.getByLabel("Link to connect Xero").inputValue(), link);
  company.link("Xero");
  await title(page, "Xero is connected");
  assert.deepEqual((await calls(page)).map(([name]) => name), ["started", "connection"]);
  await page.context().close();
});

test("the accountant gets the link by e-mail or from the clipboard, with how long it lives", async () => {
  const company = it.platform.company(PLATFORMS);
  const context = { permissions: ["clipboard-read", "clipboard-write"] };
  const page = await it.open(company, { context });
  await toConsent(page);
  await button(page, "Use another device, or ask someone else").click();
  await page.getByText(/works once, and for 24 hours/).waitFor();
  const link = await page.getByLabel("Link to connect Xero").inputValue();
  const mail = new URL((await page.getByRole("link", { name: "Write an e-mail" }).getAttribute("href"))!);
  assert.equal(mail.protocol, "mailto:");
  assert.equal(mail.searchParams.get("subject"), "Please connect Xero for Harbour Bakery Ltd");
  assert.ok(mail.searchParams.get("body")!.includes(`\n\n${link}\n\n`), String(mail.searchParams.get("body")));
  await button(page, "Copy the link").click();
  await button(page, "Copied").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link);
  await page.context().close();
});

test("a program that is set up takes the place of a sign-in, in the button and in the message to another person", async () => {
  const company = it.platform.company(PLATFORMS);
  company.told.access.program = "Desk Connector";
  const page = await it.open(company);
  await toConsent(page, "Lighthouse Bank", "Banking");
  await button(page, "Set up Desk Connector").waitFor();
  await button(page, "Use another device, or ask someone else").click();
  await page.getByText("Send this link to the person at the computer where Lighthouse Bank runs.").waitFor();
  const mail = new URL((await page.getByRole("link", { name: "Write an e-mail" }).getAttribute("href"))!);
  assert.match(mail.searchParams.get("body")!, /and set up Desk Connector:/);
  assert.doesNotMatch((await page.locator("body").innerText()) + mail.searchParams.get("body")!, /signs? in/i);
  await page.context().close();
});

test("a refusal elsewhere is told here, and the customer can still connect in a window", async () => {
  const company = it.platform.company(PLATFORMS);
  const page = await it.open(company);
  await toConsent(page);
  await button(page, "Use another device, or ask someone else").click();
  await title(page, "Connect Xero from somewhere else");
  company.fail("Xero", "customer", "Access was not given at Xero.");
  await page.getByRole("alert").getByText("Access was not given at Xero.").waitFor();
  assert.deepEqual(await calls(page, "error"), []);
  await depart(page);
  await button(page, "Back").click();
  await title(page, "Connect Xero to Tidewell");
  await button(page, "Use another device, or ask someone else").click();
  await title(page, "Connect Xero from somewhere else");
  await button(page, "Back").click();
  await title(page, "Connect Xero to Tidewell");
  await page.context().close();
});

test("without the clipboard, the link is there to be copied by hand", async () => {
  const company = it.platform.company(PLATFORMS);
  const page = await it.open(company);
  await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await toConsent(page);
  await button(page, "Use another device, or ask someone else").click();
  await button(page, "Copy the link").click();
  const chosen = await page.getByLabel("Link to connect Xero").evaluate((field: HTMLInputElement) =>
    field.value.slice(field.selectionStart!, field.selectionEnd!),
  );
  assert.match(chosen, /^http/);
  await page.context().close();
});

test("codes of every length that a link can have are read by another's reader, and none is made of too long a text", () => {
  for (let length = 1; length <= 600; length += length < 40 ? 1 : 13) {
    const text = "https://moorline.example/é?".padEnd(length, "aZ09-_").slice(0, length);
    const modules = codeOf(text)!;
    const scale = 3;
    const size = (modules.length + 8) * scale;
    const data = new Uint8Array(size * size * 4).fill(255);
    modules.forEach((row, y) =>
      row.forEach((dark, x) => {
        if (!dark) return;
        for (let at = 0; at < scale * scale; at += 1) {
          const [px, py] = [(x + 4) * scale + (at % scale), (y + 4) * scale + Math.floor(at / scale)];
          data.fill(0, (py * size + px) * 4, (py * size + px) * 4 + 3);
        }
      }),
    );
    assert.equal(decodeQR({ width: size, height: size, data }), text, `${length} characters`);
  }
  assert.equal(codeOf("a".repeat(700)), null);
});
