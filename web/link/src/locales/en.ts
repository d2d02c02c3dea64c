/**
 * English: the words of the first page, beside those that the components share; each part brings its own. The build shortens
 * names that begin with `$`.
 */
import { shared } from "../../../connections/src/locales/shared/en";
import type { asking } from "./en.asking";
import type { elsewhere } from "./en.elsewhere";
import type { files } from "./en.files";

const first = {
  ...shared,
  $title: "Connect your accounts",
  $intro: "Choose the platforms that {provider} may read {company}’s data from.",
  $loading: "Loading the platforms",
  $landingTitle: "Share your data with {provider}",
  $landingText:
    "You see what {provider} asks for before each platform. Nothing is shared until you agree.",
  $landingGo: "Start",
  $kinds: { Accounting: "Accounting", Banking: "Banking", Commerce: "Commerce", BusinessDocuments: "Business documents" } as Record<string, string>,
  $kindTexts: {
    Accounting: "Invoices, bills, customers, suppliers and reports",
    Banking: "Accounts, balances and transactions",
    Commerce: "Orders, products, payments and payouts",
    BusinessDocuments: "Documents that no platform has",
  } as Record<string, string>,
  $manage: "Manage what is connected",
  $attention: "Needs attention",
  $optional: "Optional",
  $connect: "Connect",
  $another: "Connect another",
  $resume: "Go on with {platform}",
  $tell: "Tell {provider}",
  $upload: "Upload",
  $files: "Uploaded files",
  $complete: "Complete",
  $stillNeeded: "To complete, connect: {kinds}.",
  $anyNeeded: "To complete, connect at least one.",
  $nothingText: "No such platform is set up yet. Please tell {provider} which one you use.",
  $errorTitle: "We couldn’t load the platforms",
  $deniedText: "This page is not allowed to connect platforms. Please contact {provider}.",
  $offlineText: "You can go on when you’re back online.",
  $leaveTitle: "Leave before you’re done?",
  $leaveText: "What is connected stays connected. You can come back and go on where you were.",
  $stay: "Finish connecting",
  $leave: "Exit without saving",
};

export type Strings = typeof first & typeof asking & typeof elsewhere & typeof files;

/** The parts add theirs when they are loaded, before anything shows them. */
export const en = first as Strings;
