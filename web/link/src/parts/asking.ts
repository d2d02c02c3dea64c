/** Choosing a platform, and the way to it. */
import { en } from "../locales/en";
import { asking } from "../locales/en.asking";

export { enter } from "../entering";
export { default as css } from "../views/asking.css";
export { Ask } from "../views/ask";
export { Choose } from "../views/choose";
export { Further, nextQuestion } from "../views/purpose";

Object.assign(en, asking);
