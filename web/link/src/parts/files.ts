/** Uploading files. */
import { en } from "../locales/en";
import { files } from "../locales/en.files";

export { default as css } from "../views/files.css";
export { Files } from "../views/files";

Object.assign(en, files);
