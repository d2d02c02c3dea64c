/** Texts about data types' statuses and the endings of a visit to a platform. */
import type { DatasetView, LinkOutcome, SourceType } from "../../shared/wire";
import { fill, words } from "./speech";

export const SOURCE_TYPES: SourceType[] = ["Accounting", "Banking", "Commerce"];

/** The text of a data type's state. */
export function datasetWords(dataset: DatasetView, platform: string): string {
  const { dataset: states } = words;
  const say = (text: string) => fill(text, { platform });
  switch (dataset.status) {
    case "Initial":
    case "Queued":
      return states.queued;
    case "Fetching":
      return dataset.detail ? fill(states.fetchingDetail, { detail: dataset.detail }) : say(states.fetching);
    case "MapQueued":
    case "Mapping":
      return states.mapping;
    case "ValidationQueued":
    case "Validating":
      return states.validating;
    case "ProcessingQueued":
    case "Processing":
      return states.storing;
    case "Complete":
      return states.arrived;
    case "NotSupported":
      return say(states.unsupported);
    case "AuthError":
      return say(states.noAccess);
    case "RateLimitError":
      return say(states.slowDown);
    case "PermissionsError":
      return say(states.notAllowed);
    case "PrerequisiteNotMet":
      return states.missing;
    case "Cancelled":
      return states.stopped;
    case "FetchError":
      return say(states.notHandedOver);
    case "MapError":
    case "ValidationError":
      return say(states.notRead);
    default:
      return states.notStored;
  }
}

interface OutcomeWords {
  tone: "good" | "plain" | "bad";
  title: string;
  body: string;
  next: string;
}

const TONES: Record<LinkOutcome, OutcomeWords["tone"]> = {
  linked: "good",
  unconfirmed: "plain",
  unchanged: "plain",
  cancelled: "plain",
  unsupported: "plain",
  failed: "bad",
};

export function outcomeWords(outcome: LinkOutcome, name: string | null, reason: string | null): OutcomeWords {
  const texts = words.outcome;
  const platform = name ?? texts.yours;
  const body = outcome === "failed" && reason ? fill(texts.failedReason, { reason }) : fill(texts[`${outcome}Body`], { platform });
  return { tone: TONES[outcome], title: capitalised(fill(texts[`${outcome}Title`], { platform })), body, next: texts[`${outcome}Next`] };
}

/** A sentence may begin with "your platform". */
const capitalised = (text: string) => text.slice(0, 1).toLocaleUpperCase(words.lang) + text.slice(1);
