/**
 * English: the words of every screen. `fill` replaces placeholders such as `{platform}`.
 * The build shortens names that begin with `$`; names without it are values from the server.
 */

export const en = {
  $lang: "en",
  $title: "Manage connected accounts",
  $intro: "See what {company} shares with {provider}, and stop sharing whenever you like.",
  $yourCompany: "your company",
  $yourProvider: "your provider",
  $close: "Close",
  $back: "Back",
  $done: "Done",
  $cancel: "Cancel",
  $retry: "Try again",
  $loading: "Loading your connections",
  $securedBy: "Secured by Moorline",

  Linked: "Connected",
  Unlinked: "Disconnected",
  Deauthorized: "Needs attention",
  $lastActive: "Last active {when}",
  $neverActive: "Not used yet",

  $emptyTitle: "No connections yet",
  $emptyText: "The platforms that {company} connects will appear here, with what they share and since when.",
  $connect: "Connect a platform",
  $errorTitle: "We couldn’t load your connections",
  $errorText: "Nothing has changed. Please try again in a moment.",
  $deniedText: "This page is not allowed to show these connections. Please contact {provider}.",
  $offlineTitle: "You’re offline",
  $offlineText: "Your connections will appear as soon as you’re back online.",
  $expiredTitle: "Your session has expired",
  $expiredText: "To keep your data safe, this page stops working after a while. Close it and open it again to go on.",
  $reference: "Reference: {id}",
  $staleOffline: "You’re offline. This is what we knew last.",
  $stale: "We can’t reach the server. This is what we knew last.",
  $goneTitle: "This connection was removed",
  $goneText: "It is no longer among your connections.",

  $companyAt: "Company at {platform}",
  $lastActiveLabel: "Last active",
  $authorised: "Authorised on",
  $notAuthorised: "Not yet authorised",
  $shared: "What is shared",
  $sharedBefore: "What was shared",
  $changed: "What can be changed",
  $said: "In {provider}’s words",
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
  $opening: "Opening {platform}…",
  $waitingTitle: "Finish at {platform}",
  $waitingText: "Go on in the window that has opened. This page updates by itself as soon as you’re done.",
  $openAgain: "Open the window again",
  $newWindow: "(opens in a new window)",
  $blockedTitle: "One more click",
  $blockedText: "Your browser kept the new window shut. Open it from here instead.",
  $open: "Open {platform}",
  $failedTitle: "{platform} wasn’t reconnected",
  $failedText: "Something went wrong on the way. Nothing has changed.",
  $takenTitle: "{other} is connected already",
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

  /** Names of data types that the contract names unclearly; in English all others are clear. */
  $dataTypes: {
    company: "Company details",
    companyInfo: "Company details",
  } as Record<string, string>,
};

export type Strings = typeof en;
