/** Uploading files: chosen, dropped, refused, cancelled, and there after the page is loaded anew. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import type { Company } from "./platform";
import { PLATFORMS, toFiles, UPLOADS } from "./states";
import { button, calls, focused, title, until, world } from "./world";

const it = world();

const pdf = (name: string, size = 2_000) => ({ name, mimeType: "application/pdf", buffer: Buffer.alloc(size, "%PDF-1.7 ") });
const choose = (page: Page, files: ReturnType<typeof pdf>[]) => page.getByLabel("Choose files").setInputFiles(files);
const send = (page: Page) => page.getByRole("button", { name: "Upload", exact: true }).click();

function uploading(connections: Parameters<typeof it.platform.company>[1] = []): Company {
  const company = it.platform.company(PLATFORMS, []);
  company.view.uploads = UPLOADS;
  for (const { platformName, ...given } of connections) {
    company.begin(UPLOADS.find(({ name }) => name === platformName)!.key, { ...given, connectedCompanyName: null });
  }
  return company;
}

test("files are uploaded one after another; the connection is Linked by them, and goes on after a reload", async () => {
  const company = uploading();
  let page = await it.open(company);
  await toFiles(page);
  assert.equal(await focused(page), "h2 Upload accounting documents");
  assert.equal(company.count(/POST/), 0, "nothing is begun before something is sent");
  await choose(page, [pdf("no.pdf"), pdf("books.pdf"), pdf("nor.pdf"), pdf("sales.pdf")]);
  await page.getByText("Files to upload: 4").waitFor({ state: "attached" });
  await button(page, "Remove no.pdf").click();
  assert.equal(await focused(page), "button Removebooks.pdf", "the focus goes on to the next row");
  await button(page, "Remove nor.pdf").click();
  await page.getByText("Files to upload: 2").waitFor({ state: "attached" });
  await send(page);
  await page.getByText("2 files were uploaded.").waitFor({ state: "attached" });
  assert.deepEqual(company.files.map(({ fileName }) => fileName), ["sales.pdf", "books.pdf"]);
  assert.equal(company.count(/^POST .*\/files$/), 2);
  await until(async () => (await calls(page, "connection")).length, "the host is told");
  const args = (await calls(page, "connection"))[0]![1];
  assert.equal(args["integrationKey"], "upac");
  assert.equal((await calls(page, "started")).length, 1);

  // More of them: the host is told again, once for all.
  await choose(page, [pdf("more.pdf"), pdf("most.pdf")]);
  await send(page);
  await until(() => company.files.length === 4, "they have arrived");
  await until(async () => (await calls(page, "connection")).length === 2, "the host is told again");
  assert.equal((await calls(page, "started")).length, 1);
  await button(page, "Continue").click();
  await title(page, "Connect your accounts");
  await page.getByText("Uploaded files").waitFor();
  await button(page, "Complete").click();
  assert.equal((await calls(page, "finish")).length, 1);

  page = await it.open(company, { page });
  await toFiles(page);
  await page.getByRole("heading", { name: "Uploaded before" }).waitFor();
  await page.getByText("most.pdf").waitFor();
  assert.deepEqual(await calls(page, "connection"), [], "what was there before is no news");
  await page.context().close();
});

test("each file that can't be taken says why, and the others arrive", async () => {
  const company = uploading();
  company.refusals.set("fake.pdf", "Content").set("ill.pdf", "Infected").set("lost.pdf", "lost").set("later.pdf", "unscanned");
  const page = await it.open(company);
  await toFiles(page);
  await choose(page, [pdf("run.exe"), pdf("empty.pdf", 0), pdf("large.pdf", 10 * 1024 * 1024 + 1)]);
  for (const text of ["This type of file isn’t taken.", "This file is empty.", "This file is larger than 10 MB."]) {
    await page.getByText(text).waitFor();
  }
  await choose(page, ["fake.pdf", "ill.pdf", "lost.pdf", "later.pdf", "good.pdf"].map((name) => pdf(name)));
  await send(page);
  for (const text of [
    "This isn’t the type of file that its name says.",
    "A virus was found in this file.",
    "The connection was lost. Nothing of this file was kept.",
    "Files can’t be checked for viruses at the moment.",
  ]) {
    await page.getByText(text).waitFor();
  }
  await page.getByText("1 file was uploaded.").waitFor({ state: "attached" });
  assert.deepEqual(company.files.map(({ fileName }) => fileName), ["good.pdf"]);
  assert.equal(await page.getByRole("button", { name: /^Try again/ }).count(), 2, "where another try can help");
  company.refusals.clear();
  await button(page, "Try again lost.pdf").focus();
  await page.keyboard.press("Enter");
  await until(() => company.files.length === 2, "the second try arrives");
  await until(async () => (await focused(page)) === "button Try againlater.pdf", "the focus is at the next row's button");
  // Twenty at a time.
  await choose(page, Array.from({ length: 21 }, (_, at) => pdf(`${at}.pdf`)));
  await page.getByText("More than 20 at a time.").waitFor();
  await page.context().close();
});

test("a file on its way can be cancelled, and the page left; nothing of it is called for", async () => {
  const company = uploading();
  company.refusals.set("slow.pdf", "hang");
  const page = await it.open(company);
  await toFiles(page);
  await choose(page, [pdf("slow.pdf", 400_000), pdf("next.pdf")]);
  await send(page);
  await page.getByRole("progressbar", { name: "slow.pdf" }).waitFor();
  assert.equal(await button(page, "Back").count(), 0, "the page stays while something is sent");
  await button(page, "Cancel slow.pdf").click();
  await until(() => company.files.length === 1, "the next one is sent");
  assert.equal(company.files[0]!.fileName, "next.pdf");
  assert.equal(await page.getByText("slow.pdf").count(), 0);
  await page.context().close();
});

test("a reload in the middle loses what wasn't sent yet, and nothing else", async () => {
  const company = uploading();
  company.refusals.set("slow.pdf", "hang");
  let page = await it.open(company);
  await toFiles(page);
  await choose(page, [pdf("first.pdf"), pdf("slow.pdf", 400_000)]);
  await send(page);
  await page.getByRole("progressbar", { name: "slow.pdf" }).waitFor();
  page = await it.open(company, { page });
  await page.getByText("Uploaded files").waitFor();
  await toFiles(page);
  await page.getByText("first.pdf").waitFor();
  assert.equal(await page.getByText("slow.pdf").count(), 0);
  assert.equal(company.view.connections.length, 1, "one connection for all of it");
  await page.context().close();
});

test("files are dropped, and the keyboard alone is enough", async () => {
  const company = uploading();
  const page = await it.open(company);
  await toFiles(page);
  const data = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(["%PDF-1.7 dropped"], "dropped.pdf"));
    return data;
  });
  await page.locator(".drop").dispatchEvent("drop", { dataTransfer: data });
  await button(page, "Remove dropped.pdf").waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  for (let step = 0; step < 8 && (await focused(page)) !== "button Upload"; step++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await until(() => company.files.length === 1, "it is uploaded");
  await page.context().close();
});

test("what the host and the client want is offered, and no more", async () => {
  const company = uploading([{ platformName: "Banking file upload", status: "Linked" }]);
  const options = {
    sourceTypes: {
      accounting: { optional: true, enableIntegrations: true, enableFileUpload: false },
      banking: { optional: false, enableIntegrations: false, enableFileUpload: true },
      businessDocuments: { optional: false },
    },
    text: { "businessDocuments.fileUpload.subtitle": "The **lease** of your shop, please." },
  };
  const page = await it.open(company, { options });
  await button(page, "Upload Business documents").waitFor();
  assert.equal(await button(page, "Upload Accounting").count(), 0);
  assert.equal(await button(page, /^Connect.*Banking/).count(), 0);
  await page.getByText("To complete, connect: Business documents.").waitFor();
  await button(page, "Upload Business documents").click();
  await title(page, "Upload business documents");
  assert.equal(await page.locator("strong").innerText(), "lease");
  await page.context().close();
  // Of a platform that offers none, none are shown.
  company.view.uploads = [];
  const other = await it.open(company, { options });
  await button(other, "Connect Accounting").waitFor();
  assert.equal(await button(other, /^Upload/).count(), 0);
  await other.context().close();
});
