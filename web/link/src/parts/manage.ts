/** What is connected, with the Connections component's own views and words. */
import own from "../../../connections/src/detail.css";
import list from "../../../connections/src/styles.css";

export { Manage, prepare } from "../manage/manage";

export const css = list + own;
