// Raw bodies against the public OpenAPI documents, if they are at hand beside the project.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { parse } from "yaml";

import { ROOT } from "../world.js";

const SPECS = join(ROOT, "../shared/specs");
/** The platform's own document, and those of the products that read data. */
const DOCUMENTS = [
  "codat-platform.openapi.json",
  "codat-lending.openapi.yaml",
  "codat-commerce.openapi.json",
  "codat-banking.openapi.json",
];

interface OpenApi {
  paths: Record<string, Record<string, { responses?: Record<string, { content?: Record<string, unknown>; $ref?: string }> }>>;
  components: { responses?: Record<string, { content?: Record<string, unknown> }> };
}

export interface Exchange {
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** An exchange of which the body has not been read yet. */
export async function exchangeOf(method: string, path: string, response: Response): Promise<Exchange> {
  return {
    method,
    path,
    status: response.status,
    contentType: response.headers.get("content-type") ?? "",
    body: await response.text(),
  };
}

export class Contract {
  private readonly document: OpenApi;
  private readonly ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });

  /** A product's document, or undefined if it isn't at hand. */
  static open(which: "platform" | "lending" | "commerce" | "banking" = "platform"): Contract | undefined {
    const name = DOCUMENTS.find((document) => document.includes(which));
    const path = join(SPECS, name ?? "");
    return name !== undefined && existsSync(path) ? new Contract(path) : undefined;
  }

  private constructor(path: string) {
    // YAML is a superset of JSON. An anchor that is used twice is one object, of which a clone makes two.
    this.document = withNulls(structuredClone(parse(readFileSync(path, "utf8")))) as OpenApi;
    this.ajv.addSchema(this.document as object, "openapi");
  }

  /** True if the document describes the operation. */
  has(exchange: Exchange): boolean {
    return this.template(exchange) !== undefined;
  }

  private template(exchange: Exchange): string | undefined {
    return (
      Object.keys(this.document.paths)
        // Fixed segments win over parameters.
        .sort((a, b) => a.split("{").length - b.split("{").length)
        .find((path) => matches(path, exchange.path) && this.document.paths[path]?.[exchange.method.toLowerCase()])
    );
  }

  /** Descriptions of everything that is wrong with an answer. */
  faults(exchange: Exchange): string[] {
    const template = this.template(exchange);
    const name = `${exchange.method} ${exchange.path} ${exchange.status}`;
    if (template === undefined) return [`${name}: no such operation`];
    const method = exchange.method.toLowerCase();
    const response = this.document.paths[template]?.[method]?.responses?.[String(exchange.status)];
    if (response === undefined) return [`${name}: no such status`];
    let pointer = ["paths", template, method, "responses", String(exchange.status)];
    let content = response.content;
    if (response.$ref !== undefined) {
      pointer = response.$ref.replace(/^#\//, "").split("/");
      content = this.document.components.responses?.[pointer.at(-1) ?? ""]?.content;
    }
    // Some operations promise content with a status that has none (RFC 9110, section 15.3.5).
    const isOther = Object.keys(content ?? {}).some((type) => type !== "application/json" && exchange.contentType.startsWith(type));
    if (isOther) return [];
    if (exchange.status === 204 || content?.["application/json"] === undefined) return exchange.body === "" ? [] : [`${name}: an unexpected body`];
    if (!exchange.contentType.includes("json")) return [`${name}: answered as ${exchange.contentType}`];
    const reference = [...pointer, "content", "application/json", "schema"]
      .map((part) => part.replaceAll("~", "~0").replaceAll("/", "~1"))
      .map(encodeURIComponent)
      .join("/");
    const validate = this.compiled(`openapi#/${reference}`);
    if (validate(JSON.parse(exchange.body))) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${name}: ${instancePath || "/"} ${message ?? ""} ${JSON.stringify(params)}`,
    );
  }

  private compiled(reference: string): ValidateFunction {
    return this.ajv.getSchema(reference) ?? this.ajv.compile({ $ref: reference });
  }
}

function matches(template: string, path: string): boolean {
  const pattern = template.split("/").map((part) => (part.startsWith("{") ? "[^/]+" : part.replaceAll(".", "\\.")));
  return new RegExp(`^${pattern.join("/")}$`).test(path);
}

/** OpenAPI 3.0's `nullable`, which the documents still use, as JSON Schema writes it. */
function withNulls(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withNulls);
  if (typeof node !== "object" || node === null) return node;
  const { nullable, ...rest } = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withNulls(value)]));
  if (nullable !== true) return rest;
  // Within the same schema if possible, because the documents refer to parts of such schemas by JSON pointers.
  const { type, enum: words } = rest;
  if (typeof type !== "string") return { anyOf: [rest, { type: "null" }] };
  return { ...rest, type: [type, "null"], ...(Array.isArray(words) ? { enum: [...(words as unknown[]), null] } : {}) };
}
