/**
 * Everything of the first module that its part uses, as the platform serves them; the package's part imports it as usual.
 * `building.mjs` reads these lines. A name that the build shortens is passed on by another.
 */
export { Component, Fragment, h } from "preact";
export { own as ownOf } from "../locales/index";
export { en } from "../locales/en";
export {
  Badge, Button, Done, Icon, Logo, markdown, Message, Note, Page, Theirs, Ticks, Title,
} from "../views/parts";
export { capitalised } from "../views/ui";
