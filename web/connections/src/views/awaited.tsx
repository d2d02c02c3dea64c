/** The page in place of a part's, until that is there. */
import { h } from "preact";
import type { Parts } from "../parts/parts";
import { Skeleton, Trouble, type Troubled } from "./list";

interface AwaitedProps<All extends object> {
  ui: Omit<Troubled, "session"> & { words: { $loading: string } };
  parts: Parts<All>;
  name: keyof All;
}

export function Awaited<All extends object>({ ui, parts, name }: AwaitedProps<All>) {
  const { words, close, say, follow } = ui;
  if (!parts.lacking) {
    void parts.bring(name);
    return <Skeleton ui={ui} title={false} />;
  }
  const session = { state: { failure: parts.lacking }, renewable: true, retry: () => parts.bring(name) };
  return <Trouble ui={{ words, close, say, follow, session }} />;
}
