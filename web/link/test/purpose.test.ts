/** The question for a further purpose: asked on a later visit, of what is connected already, once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, depart, PLATFORMS, toConsent } from "./states";
import { button, calls, focused, title, until, world } from "./world";

const it = world();
const TITLE = "Your books, for your loan too";
const XERO = [{ platformName: "Xero", status: "Linked" as const }];
const enabled = { options: { enableAdditionalConsent: true } };

test("a customer agrees, which is stored by the words' version, told to the page with all that was shown, and asked no more", async () => {
  const company = it.platform.company(PLATFORMS, XERO);
  ask(company);
  const page = await it.open(company, enabled);
  await title(page, TITLE);
  await page.getByText("Harbour Bakery shares its Xero data with Tidewell already.").waitFor();
  await page.getByRole("link", { name: "terms" }).waitFor();
  assert.deepEqual(company.agreed, [], "nothing is agreed to by looking");
  // By keyboard alone.
  await button(page, "I agree").focus();
  await page.keyboard.press("Enter");
  await title(page, "Connect your accounts");
  assert.equal(await focused(page), "h2 Connect your accounts");
  const { id } = company.pending("Xero");
  assert.deepEqual(company.agreed, [{ id, answer: "given", version: "9f86", language: undefined, words: {} }]);
  const told = await calls(page);
  assert.deepEqual(told.map(([name]) => name), ["consent"]);
  const text = String(told[0]![1]["text"]);
  for (const said of [`# ${TITLE}`, "from **Xero** to decide", "See our [terms]", "whatever you answer here", "disconnecting ends both"]) {
    assert.ok(text.includes(said), `${said} is in ${text}`);
  }
  const again = await it.open(company, { ...enabled, page });
  await title(again, "Connect your accounts");
  await page.context().close();
});

test("a customer refuses, which is stored, told to nobody as a consent, and asked no more", async () => {
  const company = it.platform.company(PLATFORMS, XERO);
  ask(company);
  const page = await it.open(company, enabled);
  await button(page, "I don’t agree").click();
  await title(page, "Connect your accounts");
  assert.deepEqual(company.agreed.map(({ answer }) => answer), ["refused"]);
  assert.deepEqual(await calls(page), []);
  await title(await it.open(company, { ...enabled, page }), "Connect your accounts");
  await page.context().close();
});

test("a customer who decides later goes on, and is asked at the next visit", async () => {
  const company = it.platform.company(PLATFORMS, XERO);
  ask(company);
  const page = await it.open(company, enabled);
  await button(page, "Decide later").click();
  await title(page, "Connect your accounts");
  assert.deepEqual(company.agreed, []);
  await title(await it.open(company, { ...enabled, page }), TITLE);
  await page.context().close();
});

test("each connection is asked for by itself, and what is connected in this visit isn't asked for", async () => {
  const company = it.platform.company(PLATFORMS, [...XERO, { platformName: "Lighthouse Bank", status: "Linked" }, { platformName: "Square", status: "Unlinked" }]);
  ask(company);
  const page = await it.open(company, enabled);
  await page.getByText("shares its Xero data").waitFor();
  await button(page, "I agree").click();
  await page.getByText("shares its Lighthouse Bank data").waitFor();
  await button(page, "I don’t agree").click();
  await title(page, "Connect your accounts");
  assert.deepEqual(company.agreed.map(({ answer }) => answer), ["given", "refused"]);
  await page.context().close();

  const fresh = it.platform.company(PLATFORMS);
  const other = await it.open(fresh, enabled);
  await toConsent(other);
  await depart(other);
  fresh.link("Xero");
  ask(fresh);
  await title(other, "Xero is connected");
  await button(other, "Continue").click();
  await title(other, "Connect your accounts");
  await other.context().close();
});

test("nothing is asked where it isn't enabled, or where no purpose is said", async () => {
  for (const options of [{}, { enableAdditionalConsent: false }]) {
    const company = it.platform.company(PLATFORMS, XERO);
    ask(company);
    company.view.settings = { text: {}, enableAdditionalConsent: true };
    if (!("enableAdditionalConsent" in options)) delete company.view.settings.enableAdditionalConsent;
    const page = await it.open(company, { options });
    await title(page, "Connect your accounts");
    await page.context().close();
  }
  const company = it.platform.company(PLATFORMS, XERO);
  const page = await it.open(company, { options: { ...enabled.options, text: { "accounting.additionalConsents.termsAndConditions": "Terms alone." } } });
  await title(page, "Connect your accounts");
  await page.context().close();
});

test("the client's settings enable it without the page, and the landing page comes first", async () => {
  const company = it.platform.company(PLATFORMS, XERO);
  ask(company);
  company.view.settings = { text: {}, enableAdditionalConsent: true };
  const page = await it.open(company, { options: { showLandingPage: true } });
  await title(page, "Share your data with Tidewell");
  await button(page, "Start").click();
  await title(page, TITLE);
  await page.context().close();
});

test("a page asks in its own words, deprecated ones too, and once in each", async () => {
  const texts = [
    { "accounting.additionalConsents.title": "Use {platformName} for **forecasts**?", "accounting.additionalConsents.subtitle": "{companyName} asks to." },
    { "accounting.dataAccess.additionalConsent.title": "Use it for advice?", "accounting.dataAccess.additionalConsent.subtitle": "Old words." },
  ];
  const company = it.platform.company(PLATFORMS, XERO);
  const page = await it.page();
  const titles = ["Use Xero for forecasts?", "Use it for advice?"];
  for (const [at, text] of texts.entries()) {
    const settings = { page, options: { ...enabled.options, text } };
    await it.open(company, settings);
    await title(page, titles[at]!);
    await button(page, "I agree").click();
    await title(page, "Connect your accounts");
    await it.open(company, settings);
    await title(page, "Connect your accounts");
  }
  assert.deepEqual(company.agreed.map(({ words, language }) => [words, language]), [
    [{ title: "Use Xero for **forecasts**?", subtitle: "Tidewell asks to." }, "en"],
    [{ title: "Use it for advice?", subtitle: "Old words." }, "en"],
  ]);
  await page.context().close();
});

test("an answer that can't be stored says so, and is given again; one that was given elsewhere goes on", async () => {
  const company = it.platform.company(PLATFORMS, XERO);
  ask(company);
  company.answers.further = 500;
  const page = await it.open(company, enabled);
  await button(page, "I agree").click();
  await page.getByRole("alert").getByText("Your answer couldn’t be stored.").waitFor();
  assert.deepEqual((await calls(page)).map(([name]) => name), ["error"]);
  company.answers.further = "ok";
  await button(page, "I agree").click();
  await title(page, "Connect your accounts");
  assert.deepEqual((await calls(page)).map(([name]) => name), ["error", "consent"]);
  await page.context().close();

  const other = it.platform.company(PLATFORMS, XERO);
  ask(other);
  other.answers.further = 409;
  const elsewhere = await it.open(other, enabled);
  await button(elsewhere, "I agree").click();
  await title(elsewhere, "Connect your accounts");
  assert.deepEqual(await calls(elsewhere), []);
  await elsewhere.context().close();
});

test("a part that can't be had keeps no one from the rest", async () => {
  const company = it.platform.company(PLATFORMS, XERO);
  ask(company);
  it.platform.lacking.add("parts/asking");
  const page = await it.open(company, enabled);
  await title(page, "Connect your accounts");
  it.platform.lacking.clear();
  await page.context().close();
});

test("it is asked in each language, with the client's words in theirs", async () => {
  const agree = { ar: "أوافق", de: "Ich stimme zu", es: "Acepto", fr: "J’accepte", nl: "Ik ga akkoord" };
  for (const [locale, word] of Object.entries(agree)) {
    const company = it.platform.company(PLATFORMS, XERO);
    ask(company);
    const page = await it.open(company, { options: { ...enabled.options, locale } });
    const yes = page.getByRole("button", { name: word, exact: true });
    await yes.waitFor();
    const heading = page.getByRole("heading", { name: TITLE });
    assert.equal(await heading.evaluate((element) => element.closest("[lang]")!.getAttribute("lang")), "en");
    await yes.click();
    await until(() => company.agreed.length, "it is stored");
    await page.context().close();
  }
});
