/**
 * English: the words of every screen. `fill` replaces placeholders such as `{platform}`.
 * The build shortens names that begin with `$`; names without it are values from the server.
 */
import { shared } from "./shared/en";

export const en = {
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

  $companyAt: "Company at {platform}",
  $lastActiveLabel: "Last active",
  $authorised: "Authorised on",
  $notAuthorised: "Not yet authorised",
  $shared: "What is shared",
  $sharedBefore: "What was shared",
  $moreTitle: "{provider} asks for more",
  $moreText: "Nothing changes unless you agree.",
  $moreGo: "See what it is",
  $history: "History",
  $historyError: "The history couldn’t be loaded.",
  $historyMore: "Show earlier",
  $historyEmpty: "Nothing has happened yet.",
  $disconnect: "Disconnect",
  $reconnect: "Reconnect",
  $repair: "Reconnect to repair",
  $attentionTitle: "Access to {platform} has ended",
  $attentionFallback: "The permission you gave has ended. Reconnect to give it again.",
  $unlinkedNote: "No new data is being collected. Data collected earlier stays with {provider}.",

  $confirmTitle: "Disconnect {platform}?",
  $stopsTitle: "What stops",
  $stopsText: "{provider} will collect no new data from {platform}.",
  $stopsList: "{provider} will no longer receive:",
  $staysTitle: "What stays",
  $staysText: "Data collected already stays with {provider}. You can reconnect at any time.",
  $keep: "Keep connected",
  $disconnecting: "Disconnecting…",
  $disconnectFailed: "{platform} could not be disconnected.",

  $disconnectedTitle: "{platform} disconnected",
  $disconnectedText: "No new data will be collected. Data collected already stays with {provider}.",

  $reconnectTitle: "Reconnect {platform}",
  $reconnectText: "You’ll sign in at {platform} in a new window and confirm what you share with {provider}.",
  $reconnectList: "{provider} will be able to read:",
  $reconnectCompany: "Choose the same company as before: {company}.",
  $reconnectGo: "Continue to {platform}",
  $failedTitle: "{platform} wasn’t reconnected",
  $takenText:
    "Only one accounting platform can be connected at a time. Disconnect {other} first, then reconnect {platform}.",
  $takenGo: "Go to {other}",
  $reconnectedTitle: "{platform} reconnected",
  $reconnectedText: "{provider} can read new data again.",

  $reconnected: "Reconnected",
  $accessLost: "Access lost",
  /** Titles of further events by their type; in English the platform's own titles serve. */
  $events: {} as Record<string, string>,
  /** Actors of timeline entries. */
  $by: {
    customer: "By your company",
    client: "By {provider}",
    platform: "By {platform}",
    moorline: "Automatically",
  } as Record<string, string>,
};

export type Strings = typeof en;
