/**
 * Everything of the first module that the parts use, as the platform serves them; the package's parts import it as usual.
 * `building.mjs` reads these lines. A name that the build shortens is passed on by another.
 */
export { Component, Fragment, h } from "preact";
export { datesIn } from "../../../connections/src/locales/dates";
export { fill, own as ownOf } from "../../../connections/src/locales/index";
export { Failure } from "../../../connections/src/server/api";
export { asFailure } from "../../../connections/src/server/watch";
export {
  Badge, Button, Done, Drawing, Icon, isFrom, Logo, markdown, Message, Note, Page, Theirs, Ticks, Title,
} from "../../../connections/src/views/parts";
export { capitalised } from "../../../connections/src/views/ui";
export { en } from "../locales/en";
export { load as loadWords } from "../locales/further";
export { plain, Prose } from "../views/prose";
export { keyOf, linkedOf, offersOf, uploadOf } from "../views/ui";
