/** The words that a further language has: English's, with a name for every data type. */
import type { SharedWords } from "../../../connections/src/locales/shared/words";
import type { Kind } from "../api";
import type { Strings } from "./en";

type ByKind = "$kinds" | "$kindTexts";

export interface Words extends Omit<Strings, "$dataTypes" | ByKind>, Record<ByKind, Record<Kind, string>> {
  $dataTypes: SharedWords["$dataTypes"];
}
