/** The module that host pages import, from the platform's URL or from npm. */
import base from "../../connections/src/base.css";
import own from "./link.css";
import { define, mount } from "./mount";
import type { CodatLinkProps, MountedLink } from "./types";

export type {
  CodatColorsOptions,
  CodatLinkOptions,
  CodatLinkProps,
  CodatSourceTypesOptions,
  CodatTextOptions,
  CodatTextOptionsDataAccessDataTypesKeys,
  CodatTextOptionsKeys,
  CodatThemeOptions,
  ConnectionCallbackArgs,
  ConsentCallbackArgs,
  ErrorCallbackArgs,
  MountedLink,
} from "./types";
export type { HTMLMoorlineLinkElement } from "./mount";
export { mount, MoorlineLinkElement } from "./mount";

export const version: string = __VERSION__;

export interface MoorlineLink extends MountedLink {}

/** `new MoorlineLink({ target, props })` appends the component to `target`. */
export class MoorlineLink {
  constructor({ target, props }: { target: HTMLElement; props: CodatLinkProps }) {
    Object.assign(this, mount(target, props));
  }
}

/** The name that pages written for Codat's Link SDK use. */
export { MoorlineLink as CodatLink };

/** The function that pages written for the npm package of Codat's Link SDK use. The component is there at once. */
export async function initializeCodatLink(target: HTMLElement, props: CodatLinkProps): Promise<void> {
  mount(target, props);
}

define(base + own);
