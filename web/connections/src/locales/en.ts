/**
 * English: the words of the first page; the part for one connection brings its own. `fill` replaces placeholders such as
 * `{platform}`. The build shortens names that begin with `$`; names without it are values from the server.
 */
import type { detail } from "./en.detail";
import { shared } from "./shared/en";

const first = {
  ...shared,
  $title: "Manage connected accounts",
  $intro: "See what {company} shares with {provider}, and stop sharing whenever you like.",
  $loading: "Loading your connections",
  Unlinked: "Disconnected",
  Deauthorized: "Needs attention",
  $lastActive: "Last active {when}",
  $neverActive: "Not used yet",
  $emptyTitle: "No connections yet",
  $emptyText: "The platforms that {company} connects will appear here, with what they share and since when.",
  $connect: "Connect a platform",
  $errorTitle: "We couldn’t load your connections",
  $deniedText: "This page is not allowed to show these connections. Please contact {provider}.",
  $offlineText: "Your connections will appear when you’re back online.",
  $goneTitle: "This connection was removed",
  $goneText: "It is no longer among your connections.",
};

export type Strings = typeof first & typeof detail;

/** The part adds its words when it is loaded, before anything shows them. */
export const en = first as Strings;
