/** The data that is shared, and the words about it. */
import { h, type ComponentChildren } from "preact";
import { own } from "../locales/index";
import type { Connection, Text } from "../server/api";
import { markdown, Ticks } from "./parts";
import { capitalised, type Ui } from "./ui";

/** A data type's name on screen, which is the link page's: "commerce-orders" and "orders" are both "Orders". */
export function dataTypeName({ words }: Ui, dataType: string): string {
  const key = dataType.replace(/^(commerce-|banking-|custom\/)/, "").replace(/-(\w)/g, (_, c: string) => c.toUpperCase());
  return own(words.$dataTypes, dataType) ?? own(words.$dataTypes, key) ?? capitalised(key.replace(/([A-Z])/g, " $1").toLowerCase());
}

/** Names of data types, each once. */
export function namesOf(ui: Ui, list: (string | { dataType?: string; name?: string })[] = []): string[] {
  return [...new Set(list.map((each) => dataTypeName(ui, typeof each === "string" ? each : (each.dataType ?? each.name!))))];
}

/** A connection of uploaded files, which are deleted with it: nothing that was read stays. */
export const ofFiles = ({ platformKey }: Connection): boolean => /^up(ac|bk|dc)$/.test(platformKey);

/** The host's own words about what is shared, named as its own. */
export function Said({ ui, connection }: { ui: Ui; connection: Connection }) {
  return <Told title={ui.say(ui.words.$said)} items={markdown(ui.promised(connection))} />;
}

/** The provider's own sentence, in its language. */
export function Words({ of }: { of?: Text }) {
  return of ? (
    <p class="soft" lang={of.language} dir="auto">
      {of.text}
    </p>
  ) : null;
}

/** The further purposes that were agreed to, each in its own words. */
export function Purposes({ ui, connection }: { ui: Ui; connection: Connection }) {
  return (connection.additionalConsents ?? []).map((given) => (
    <div class="stack">
      <h3>{ui.say(ui.words.$furtherAgreed, { date: ui.dates.date(given.answered) ?? "" })}</h3>
      {markdown([given.title ?? "", ...(given["subtitle"] ?? "").split(/\n\s*\n/)].filter(Boolean)).map((text) => (
        <p lang={given.language} dir="auto">
          {text}
        </p>
      ))}
    </div>
  ));
}

/** A list under its title, or nothing. */
export function Told({ title, items }: { title: string; items: ComponentChildren[] }) {
  return items.length ? (
    <div class="stack">
      <h3>{title}</h3>
      <Ticks items={items} two />
    </div>
  ) : null;
}
