/** Inline Markdown (bold, italic, code, links) as a tree of plain values: nothing in it is ever parsed as HTML. */

export type Inline =
  | string
  | { kind: "strong" | "em"; children: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "a"; href: string; children: Inline[] };

const TOKEN =
  /\\([\\`*_[\]()])|(`+)(.+?)\2(?!`)|\*\*(?=\S)(.+?)\*\*(?!\*)|(?<!\w)__(?=\S)(.+?)__(?!\w)|\*(?=[^\s*])(.+?)\*|(?<!\w)_(?=[^\s_])(.+?)_(?!\w)|\[([^[\]]+)\]\(\s*<?([^\s()<>]+)>?(?:\s+"[^"]*")?\s*\)/s;

/** Deeper nesting than people write stays text, so that no input can exhaust the stack. */
const DEEPEST = 8;

export function parseInline(text: string, depth = 0): Inline[] {
  const nodes: Inline[] = [];
  const add = (node: Inline) => {
    const last = nodes.length - 1;
    if (typeof node === "string" && typeof nodes[last] === "string") nodes[last] += node;
    else if (node !== "") nodes.push(node);
  };
  let rest = text;
  for (let match = TOKEN.exec(rest); match && depth < DEEPEST; match = TOKEN.exec(rest)) {
    const [whole, escaped, , code, strong1, strong2, em1, em2, label, target] = match;
    add(rest.slice(0, match.index));
    rest = rest.slice(match.index + whole.length);
    if (escaped) add(escaped);
    else if (code) add({ kind: "code", text: code.trim() || code });
    else if (strong1 ?? strong2) add({ kind: "strong", children: parseInline((strong1 ?? strong2)!, depth + 1) });
    else if (em1 ?? em2) add({ kind: "em", children: parseInline((em1 ?? em2)!, depth + 1) });
    else if (label && target) {
      const href = safeAddress(target);
      const children = parseInline(label, depth + 1);
      if (href) add({ kind: "a", href, children });
      else children.forEach(add);
    }
  }
  add(rest);
  return nodes;
}

/** Absolute http(s) addresses only: no other scheme, and nothing relative to the host's page. */
function safeAddress(target: string): string | null {
  try {
    const url = new URL(target);
    return /^https?:$/.test(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
