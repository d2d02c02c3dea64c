/** English: words that more than one component shows. Names that begin with `$` are shortened by the builds. */

export const shared = {
  $lang: "en",
  $dir: "ltr" as "ltr" | "rtl",
  $yourCompany: "your company",
  $yourProvider: "your provider",
  $close: "Close",
  $back: "Back",
  $done: "Done",
  $cancel: "Cancel",
  $retry: "Try again",
  $securedBy: "Secured by Moorline",
  Linked: "Connected",
  $errorText: "Nothing has changed. Please try again in a moment.",
  $offlineTitle: "You’re offline",
  $expiredTitle: "Your session has expired",
  $expiredText: "To keep your data safe, this page stops after a while. Close it and open it again to go on.",
  $reference: "Reference: {id}",
  $staleOffline: "You’re offline. This is what we knew last.",
  $stale: "We can’t reach the server. This is what we knew last.",
  $changed: "What can be changed",
  $said: "In {provider}’s words",
  $opening: "Opening {platform}…",
  $waitingTitle: "Finish at {platform}",
  $waitingText: "Go on in the window that has opened. This page updates by itself when you’re done.",
  $openAgain: "Open the window again",
  $newWindow: "(opens in a new window)",
  $blockedTitle: "One more click",
  $blockedText: "Your browser kept the new window shut. Open it from here.",
  $open: "Open {platform}",
  $failedText: "Something went wrong on the way. Nothing has changed.",
  $takenTitle: "{other} is connected already",
  /** Names of data types; in English they come from the platform, or with the part that shows them. */
  $dataTypes: {} as Record<string, string>,
};

export type SharedStrings = typeof shared;
