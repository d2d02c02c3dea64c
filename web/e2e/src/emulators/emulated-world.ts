// Moorline with an emulator as one of its platforms, and a customer who connects to it.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before } from "node:test";

import type { Browser, Page } from "playwright-core";

import { arriveAtResult, proceed, type StartPage } from "../harness/actors/customer.js";
import { launchBrowser, openProfile, type Profile } from "../harness/browser.js";
import { onBothDatabases } from "../harness/engines.js";
import { freePort } from "../harness/processes.js";
import { type Engine, ROOT, startWorld, type World } from "../harness/world.js";
import type { Emulator, RegisteredClient } from "./emulator.js";

const CLIENT = { id: "moorline", secret: "a-secret-of-this-client-alone" };

export interface EmulatedWorld<E> {
  readonly world: World;
  readonly emulator: E;
  /** The platform's key at Moorline. */
  readonly key: string;
  stop(): Promise<void>;
}

/** Starts both; the emulator's `variables` lead the platform's folder to it. */
export async function startEmulatedWorld<E extends Emulator & { variables(): Record<string, string> }>(
  engine: Engine,
  key: string,
  emulate: (client: RegisteredClient) => E,
): Promise<EmulatedWorld<E>> {
  const port = await freePort();
  const client = { ...CLIENT, redirectUri: `http://localhost:${port}/oauth/${key}/callback` };
  const emulator = await emulate(client).start();
  const variables = Object.entries(emulator.variables()).map(([name, value]) => `"${name}" = "${value}"`);
  const world = await startWorld({
    engine,
    port,
    settings: {
      // The folders of this tree, which may be newer than those of the program's build.
      MOORLINE_INTEGRATIONS__DIRS: JSON.stringify([join(ROOT, "integrations")]),
      MOORLINE_INTEGRATIONS__VARIABLES: `{ ${variables.join(", ")} }`,
      MOORLINE_EGRESS__ALLOW_PRIVATE: JSON.stringify([new URL(emulator.url).host]),
    },
  });
  await world.configureIntegration(key, client.id, client.secret);
  return {
    world,
    emulator,
    key,
    stop: async () => {
      await world.stop();
      await emulator.stop();
    },
  };
}

/** What stories on an emulated platform act with. */
export interface Stage<E> {
  readonly emulated: EmulatedWorld<E>;
  readonly world: World;
  readonly emulator: E;
  readonly browser: Browser;
}

/** Stories on both databases, each with an emulator and a browser of its own. Of the stage, everything is there as soon as a story runs. */
export function emulatedOnBothDatabases<E extends Emulator & { variables(): Record<string, string> }>(
  about: string,
  key: string,
  emulate: (client: RegisteredClient) => E,
  stories: (stage: Stage<E>) => void,
): void {
  onBothDatabases(about, (engine) => {
    let emulated: EmulatedWorld<E> | undefined;
    let browser: Browser | undefined;
    const there = <T>(part: T | undefined): T => part ?? assert.fail("the stage isn't set yet");
    before(async () => {
      browser = await launchBrowser();
      emulated = await startEmulatedWorld(engine, key, emulate);
    });
    after(async () => {
      await emulated?.stop();
      await browser?.close();
    });
    stories({
      get emulated() {
        return there(emulated);
      },
      get world() {
        return there(emulated).world;
      },
      get emulator() {
        return there(emulated).emulator;
      },
      get browser() {
        return there(browser);
      },
    });
  });
}

/** The newest pull of a data type. */
export async function newestPull({ client }: World, companyId: string, dataType: string): Promise<{ status: string; errorMessage?: string } | undefined> {
  const { results } = await client.read<{ results: { dataType: string; status: string; errorMessage?: string }[] }>(`/companies/${companyId}/data/history?pageSize=500`);
  return results.find((one) => one.dataType === dataType);
}

/** A customer on the first page after the platform's own. */
export interface Arrival {
  readonly profile: Profile;
  readonly page: Page;
  /** The steps of the start page that led there. */
  readonly steps: StartPage;
}

/** From the start page to the platform's decision; `chosen` are the labels to tick there. */
export async function goThrough(browser: Browser, linkUrl: string, chosen: string[], decision = "Allow access"): Promise<Arrival> {
  const profile = await openProfile(browser);
  const page = await profile.page();
  await page.goto(linkUrl);
  const steps = await proceed(page);
  for (const label of chosen) await page.getByLabel(label, { exact: true }).check();
  await page.getByRole("button", { name: decision, exact: true }).click();
  return { profile, page, steps };
}

/** Closes the profile, in which no page may have broken its policy or thrown. */
export async function leave({ profile }: Arrival): Promise<void> {
  assert.deepEqual(profile.complaints, []);
  await profile.close();
}

export interface LinkedCompany {
  readonly companyId: string;
  readonly connectionId: string;
  readonly steps: StartPage;
}

/** Links a new company with one business of the platform, which leaves Moorline with no choice to offer. */
export async function link({ world, key }: EmulatedWorld<unknown>, browser: Browser, companyName: string, business: string): Promise<LinkedCompany> {
  const { companyId, connectionId, linkUrl } = await world.client.newConnection(companyName, key);
  const arrival = await goThrough(browser, linkUrl, [business]);
  await arriveAtResult(arrival.page);
  await leave(arrival);
  await world.client.untilStatus(companyId, connectionId, "Linked");
  return { companyId, connectionId, steps: arrival.steps };
}

/** Disconnects a company and reconnects it with another business by mistake; the customer then leaves everything as it was. */
export async function mistakeBusiness({ world }: EmulatedWorld<unknown>, browser: Browser, company: LinkedCompany, business: string): Promise<void> {
  const { companyId, connectionId } = company;
  await world.client.disconnect(companyId, connectionId);
  const { linkUrl } = await world.client.connection(companyId, connectionId);
  const arrival = await goThrough(browser, linkUrl, [business]);
  await arrival.page.getByRole("heading", { name: "That’s a different business" }).waitFor();
  await arrival.page.getByRole("button", { name: "Leave everything as it was" }).click();
  await arriveAtResult(arrival.page);
  await leave(arrival);
  assert.notEqual((await world.client.connection(companyId, connectionId)).status, "Linked");
}
