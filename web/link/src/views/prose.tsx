/** The host's texts and the platform's sentences on screen. */
import { Fragment, h } from "preact";
import { parseInline, type Inline } from "../../../connections/src/views/markdown";
import { markdown } from "../../../connections/src/views/parts";
import { blocksOf } from "./blocks";

/** A text of several blocks. */
export function Prose({ text }: { text: string }) {
  return (
    <>
      {blocksOf(text).map((block) => {
        if ("items" in block) return h(block.kind, { class: "list" }, markdown(block.items).map((item) => <li>{item}</li>));
        const [content] = markdown([block.text]);
        return block.kind === "h" ? <h4>{content}</h4> : <p>{content}</p>;
      })}
    </>
  );
}

/** A text without its markup, for a button or an attribute. */
export function plain(text: string): string {
  const flat = (node: Inline): string => (typeof node === "string" ? node : (node.children as Inline[]).map(flat).join(""));
  return parseInline(text).map(flat).join("");
}
