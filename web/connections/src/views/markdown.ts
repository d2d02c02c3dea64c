/** Inline Markdown (bold, italic, code, links) as a tree of plain values, which is never parsed as HTML. */

export type Inline =
  | string
  | { kind: "strong" | "em"; children: Inline[] }
  | { kind: "code"; children: string[] }
  | { kind: "a"; href: string; children: Inline[] };

/** An escape, code, emphasis, or a link. Links are absolute http(s) only, so that no other scheme reaches an `href`. */
const TOKEN =
  /\\([\\`*_[\]()])|`([^`]+)`|(\*\*?|(?<!\w)__?)(?=[^\s*_])(.+?)(?<![\s*_])\3(?![*_])|\[([^[\]]+)]\((https?:\/\/(?:[^\s()<>]|\([^\s()<>]*\))+)\)/is;

/** The deepest nesting; deeper markup stays text, so that no input can exhaust the stack. */
const DEEPEST = 8;

export function parseInline(text: string, depth = 0): Inline[] {
  const nodes: Inline[] = [];
  let rest = text;
  for (let match; depth < DEEPEST && (match = TOKEN.exec(rest));) {
    const [whole, escaped, code, mark, emphasised, label, href] = match;
    const children = parseInline(emphasised || label || "", depth + 1);
    nodes.push(
      rest.slice(0, match.index),
      escaped ||
        (code
          ? { kind: "code", children: [code] }
          : mark
            ? { kind: mark[1] ? "strong" : "em", children }
            : { kind: "a", href: href!, children }),
    );
    rest = rest.slice(match.index + whole.length);
  }
  return [...nodes, rest].filter(Boolean);
}
