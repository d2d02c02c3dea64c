// Sage's OpenAPI documents as a judge of queries and answers: an object's members, also those of what it refers to, and what their values may be.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Asked } from "./intacct.js";

/** A part of a document: a schema, mostly. */
interface Node {
  readonly [member: string]: unknown;
}

interface Found {
  readonly schema: Node;
  readonly document: Node;
}

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && !Array.isArray(value);
const at = (node: unknown, ...path: string[]): unknown => path.reduce<unknown>((part, name) => (isNode(part) ? part[name] : undefined), node);

/** Members that no document has where they are asked for, as the folder's README says: names of what lines belong to. */
const GUESSED = new Set(["apAdjustment", "otherReceipt", "creditCardTxn", "arAdjustment", "invoice", "bill", "journalEntry", "arPayment", "apPayment", "bankFee", "creditCardFee", "deposit"]);
/** What those names refer to. */
const BELONGS: Record<string, string> = {
  invoice: "accounts-receivable/invoice",
  arAdjustment: "accounts-receivable/adjustment",
  arPayment: "accounts-receivable/payment",
  bill: "accounts-payable/bill",
  apAdjustment: "accounts-payable/adjustment",
  apPayment: "accounts-payable/payment",
  otherReceipt: "cash-management/other-receipt",
  creditCardTxn: "cash-management/credit-card-txn",
  bankFee: "cash-management/bank-fee",
  creditCardFee: "cash-management/credit-card-fee",
  deposit: "cash-management/deposit",
  journalEntry: "general-ledger/journal-entry",
};

export class IntacctSpecification {
  constructor(private readonly documents: readonly Node[]) {}

  /** The documents of a folder; undefined if there are none. */
  static read(folder: string): IntacctSpecification | undefined {
    const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
    const documents = files.map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Node).filter((document) => document["openapi"] !== undefined);
    return documents.length > 0 ? new IntacctSpecification(documents) : undefined;
  }

  /** The objections to a query and to its answer; none if both are as the documents have them. */
  objections({ query, rows }: Asked): string[] {
    const found = this.objectOf(query.object);
    if (found === undefined) return [`there is no object ${query.object}`];
    const objections: string[] = [];
    const named = [
      ...query.fields,
      ...(query.filters ?? []).flatMap((filter) => Object.values(filter).flatMap((condition) => Object.keys(condition))),
      ...(query.orderBy ?? []).flatMap((order) => Object.keys(order)),
    ];
    const members = new Map<string, Found>();
    for (const field of new Set(named.map((name) => name.replace(/^\w+:/, "")))) {
      const member = this.member(found, field.split("."));
      if (member === undefined) objections.push(`${query.object} has no member ${field}`);
      else members.set(field, member);
    }
    for (const row of rows) {
      for (const [field, value] of Object.entries(row)) {
        const member = members.get(field.replace(/^\w+:/, ""));
        const wrong = member === undefined ? undefined : unfit(this.whole(member), value);
        if (wrong !== undefined) objections.push(`${query.object}, ${field}: ${wrong}`);
      }
    }
    return [...new Set(objections)];
  }

  /** The schema of an object: of what a GET of one answers. */
  private objectOf(object: string): Found | undefined {
    for (const document of this.documents) {
      const operation = at(document, "paths", `/objects/${object}/{key}`, "get");
      const schema = at(operation, "responses", "200", "content", "application/json", "schema");
      if (!isNode(schema)) continue;
      const found = this.step({ schema, document }, "ia::result");
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private member(of: Found, [name, ...rest]: string[]): Found | undefined {
    if (name === undefined) return of;
    const related = this.relatedOf(of);
    const here = this.step(of, name) ?? (related === undefined ? undefined : this.step(related, name)) ?? this.guessed(name);
    return here === undefined ? undefined : this.member(here, rest);
  }

  private guessed(name: string): Found | undefined {
    const object = GUESSED.has(name) ? BELONGS[name] : undefined;
    return object === undefined ? undefined : this.objectOf(object);
  }

  /** The object that a reference is to: its address stands in an example. */
  private relatedOf(of: Found): Found | undefined {
    const href = this.step(of, "href");
    const example = href === undefined ? undefined : this.whole(href)["example"];
    const object = typeof example === "string" ? /^\/objects\/([\w-]+\/[\w-]+)\//.exec(example)?.[1] : undefined;
    return object === undefined ? undefined : this.objectOf(object);
  }

  /** A member of a schema, through what it refers to and is made of. */
  private step(of: Found, name: string): Found | undefined {
    const { document } = of;
    const schema = this.whole(of);
    const own = at(schema, "properties", name);
    if (isNode(own)) return { schema: own, document };
    for (const part of ["allOf", "oneOf", "anyOf"].flatMap((each) => (Array.isArray(schema[each]) ? (schema[each] as unknown[]) : []))) {
      const found = isNode(part) ? this.step({ schema: part, document }, name) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** A schema, in place of a reference to it. */
  private whole({ schema, document }: Found): Node {
    const reference = schema["$ref"];
    if (typeof reference !== "string") return schema;
    const found = at(document, ...reference.replace(/^#\//, "").split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~")));
    return isNode(found) ? this.whole({ schema: found, document }) : {};
  }
}

/** The reason why a value isn't one of a schema's. Any may be null: a row has a member that it lacks. */
function unfit(schema: Node, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  const { type, format, enum: words } = schema;
  const told = JSON.stringify(value);
  // Numbers come as texts in places; amounts always do.
  const isNumber = typeof value === "number" || (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value));
  if (type === "string" && typeof value !== "string") return `${told} is no text`;
  if ((type === "number" || type === "integer") && !isNumber) return `${told} is no number`;
  if (type === "boolean" && typeof value !== "boolean") return `${told} is neither true nor false`;
  if (format === "date" && !/^\d{4}-\d{2}-\d{2}$/.test(String(value))) return `${told} is no date`;
  if (format === "date-time" && !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.test(String(value))) return `${told} is no time`;
  if (Array.isArray(words) && !words.includes(value)) return `${told} is none of ${words.join(", ")}`;
  return undefined;
}
