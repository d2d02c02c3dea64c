/** Tells the platform who Tidewell is, where customers come back to and which origin embeds the component. */
import * as errors from "@codat/platform/sdk/models/errors/index.js";
import type { Config } from "../config";
import { ConfigError } from "../config";
import type { Moorline } from "./client";
import { fromClient } from "../problem";

const RETRY_MS = 500;
const SAY_AGAIN_MS = 10_000;

export const redirectTemplate = (publicUrl: string) =>
  `${publicUrl}/linked?companyId={companyId}&connectionId={connectionId}&statusCode={statusCode}&statusText={statusText}` +
  "&errorMessage={errorMessage}&platform={platform}&platformName={platformName}";

/** Waits until the platform answers a request that carries our key. Says so, on stderr, while it has to. */
export async function waitForPlatform(moorline: Moorline, { moorlineUrl }: Config): Promise<void> {
  let said = Number.NEGATIVE_INFINITY;
  for (;;) {
    try {
      await moorline.platform.settings.getProfile({ retries: { strategy: "none" }, timeoutMs: 5_000 });
      return;
    } catch (error) {
      if (error instanceof errors.ErrorMessage && [401, 403].includes(error.statusCode)) {
        throw new ConfigError(`Moorline at ${moorlineUrl} refuses the API key: check MOORLINE_API_KEY`);
      }
      if (Date.now() - said > SAY_AGAIN_MS) {
        said = Date.now();
        const reason = error instanceof errors.HTTPClientError ? "it doesn't answer yet" : (error as Error).message;
        console.error(`waiting for Moorline at ${moorlineUrl}: ${reason}`);
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** Sets the profile and the allowed origin where they differ; a second start changes nothing. */
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
    // Setting replaces the whole list, so the others' origins are carried along.
    if (!allowedOrigins.includes(publicUrl)) await platform.settings.set({ allowedOrigins: [...allowedOrigins, publicUrl] });
  } catch (error) {
    throw fromClient(error);
  }
}
