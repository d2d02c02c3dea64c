/** One connection: its facts and its history, disconnecting it, and connecting it again. */
import { en } from "../locales/en";
import { detail } from "../locales/en.detail";

export { default as css } from "../detail.css";
export { Detail as detail } from "../views/detail";
export { ConfirmDisconnect as disconnect, Disconnected as disconnected } from "../views/disconnect";
export { Reconnect as reconnect } from "../views/reconnect";

Object.assign(en, detail);
