/** The link for another device, or for another person. */
import { en } from "../locales/en";
import { elsewhere } from "../locales/en.elsewhere";

export { default as css } from "../views/elsewhere.css";
export { Elsewhere } from "../views/elsewhere";

Object.assign(en, elsewhere);
