// Moorline with an emulator as one of its platforms, and a customer who goes through the link to it.

import assert from "node:assert/strict";
import { join } from "node:path";

import type { Browser, Page } from "playwright-core";

import { openProfile, type Profile } from "../harness/browser.js";
import { proceed } from "../harness/actors/customer.js";
import { freePort } from "../harness/processes.js";
import { type Engine, ROOT, startWorld, type World } from "../harness/world.js";
import type { ClientOf, Emulator } from "./emulator.js";

const CLIENT = { id: "moorline", secret: "a-secret-that-nobody-else-has" };

export interface Place<E> {
  readonly world: World;
  readonly emulator: E;
  stop(): Promise<void>;
}

/** `variables` of the emulator lead the platform's folder to it. */
export async function startPlace<E extends Emulator & { variables(): Record<string, string> }>(
  engine: Engine,
  key: string,
  emulate: (client: ClientOf) => E,
): Promise<Place<E>> {
  const port = await freePort();
  const client = { ...CLIENT, redirectUri: `http://localhost:${port}/oauth/${key}/callback` };
  const emulator = await emulate(client).start();
  const variables = Object.entries(emulator.variables()).map(([name, value]) => `"${name}" = "${value}"`);
  const world = await startWorld({
    engine,
    port,
    settings: {
      // The folders as they lie here, which need not be those of the program's build.
      MOORLINE_INTEGRATIONS__DIRS: JSON.stringify([join(ROOT, "integrations")]),
      MOORLINE_INTEGRATIONS__VARIABLES: `{ ${variables.join(", ")} }`,
      MOORLINE_EGRESS__ALLOW_PRIVATE: JSON.stringify([new URL(emulator.url).host]),
    },
  });
  await world.configureIntegration(key, client.id, client.secret);
  return {
    world,
    emulator,
    stop: async () => {
      await world.stop();
      await emulator.stop();
    },
  };
}

/** What the customer was asked on the way, and where they are: on the first page after the platform's own. */
export interface Arrival {
  readonly profile: Profile;
  readonly page: Page;
  readonly asked: { instructions: number; companyName: string | undefined };
}

/** From the link's first page to the platform's decision; `chosen` are the labels to tick there. */
export async function goThrough(browser: Browser, linkUrl: string, chosen: string[], decision = "Allow access"): Promise<Arrival> {
  const profile = await openProfile(browser);
  const page = await profile.page();
  await page.goto(linkUrl);
  const asked = await proceed(page);
  for (const label of chosen) await page.getByLabel(label, { exact: true }).check();
  await page.getByRole("button", { name: decision, exact: true }).click();
  return { profile, page, asked };
}

export async function leave({ profile }: Arrival): Promise<void> {
  assert.deepEqual(profile.complaints, []);
  await profile.close();
}
