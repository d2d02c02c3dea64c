/** Markdown of the host's texts as blocks of inline Markdown: paragraphs, headings and lists. */

export type Block = { kind: "p" | "h"; text: string } | { kind: "ul" | "ol"; items: string[] };

const ITEM = /^\s*(?:([-*+])|\d{1,9}[.)])\s+(.*)/;
const HEADING = /^ {0,3}#{1,6}\s+(.*)/;

export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  for (const line of markdown.split(/\r\n?|\n/)) {
    const heading = HEADING.exec(line);
    const item = ITEM.exec(line);
    if (!line.trim()) {
      open = undefined;
    } else if (heading) {
      blocks.push({ kind: "h", text: heading[1]! });
      open = undefined;
    } else if (item) {
      const kind = item[1] ? "ul" : "ol";
      if (open?.kind !== kind) blocks.push((open = { kind, items: [] }));
      (open as { items: string[] }).items.push(item[2]!);
    } else if (open && "items" in open) {
      open.items.push(`${open.items.pop()} ${line.trim()}`);
    } else if (open) {
      open.text += ` ${line.trim()}`;
    } else {
      blocks.push((open = { kind: "p", text: line.trim() }));
    }
  }
  return blocks;
}
