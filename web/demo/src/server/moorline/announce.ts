/** Sets Tidewell's profile at the platform: name, logo, redirect URL, and the origin that embeds the component. */
import * as errors from "@codat/platform/sdk/models/errors/index.js";
import type { Config } from "../config";
import { ConfigError } from "../config";
import type { Moorline } from "./client";
import { fromClient } from "../problem";

const RETRY_MS = 500;
const REPORT_EVERY_MS = 10_000;

export const redirectTemplate = (publicUrl: string) =>
  `${publicUrl}/linked?companyId={companyId}&connectionId={connectionId}&statusCode={statusCode}&statusText={statusText}` +
  "&errorMessage={errorMessage}&platform={platform}&platformName={platformName}";

/** Waits until the platform answers a request with our key; reports on stderr while it waits. */
export async function waitForPlatform(moorline: Moorline, { moorlineUrl }: Config): Promise<void> {
  let reported = Number.NEGATIVE_INFINITY;
  for (;;) {
    try {
      await moorline.platform.settings.getProfile({ retries: { strategy: "none" }, timeoutMs: 5_000 });
      return;
    } catch (error) {
      if (error instanceof errors.ErrorMessage && [401, 403].includes(error.statusCode)) {
        throw new ConfigError(`Moorline at ${moorlineUrl} refuses the API key: check MOORLINE_API_KEY`);
      }
      if (Date.now() - reported > REPORT_EVERY_MS) {
        reported = Date.now();
        const reason = error instanceof errors.HTTPClientError ? "it doesn't answer yet" : (error as Error).message;
        console.error(`waiting for Moorline at ${moorlineUrl}: ${reason}`);
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** Sets the profile and the allowed origin if they differ, so that a second start changes nothing. */
export async function announce({ platform }: Moorline, { publicUrl }: Config): Promise<void> {
  try {
    const profile = await platform.settings.getProfile();
    const wanted = {
      name: "Tidewell",
      redirectUrl: redirectTemplate(publicUrl),
      logoUrl: `${publicUrl}/tidewell-logo.svg`,
      iconUrl: `${publicUrl}/tidewell-icon.svg`,
      whiteListUrls: [...new Set([...(profile.whiteListUrls ?? []), publicUrl])],
    };
    const same =
      profile.name === wanted.name &&
      profile.redirectUrl === wanted.redirectUrl &&
      profile.logoUrl === wanted.logoUrl &&
      profile.iconUrl === wanted.iconUrl &&
      profile.whiteListUrls?.length === wanted.whiteListUrls.length;
    if (!same) await platform.settings.updateProfile(wanted);

    const { allowedOrigins = [] } = await platform.settings.get();
    // The request replaces the whole list, so it includes the origins of others.
    if (!allowedOrigins.includes(publicUrl)) await platform.settings.set({ allowedOrigins: [...allowedOrigins, publicUrl] });
  } catch (error) {
    throw fromClient(error);
  }
}
