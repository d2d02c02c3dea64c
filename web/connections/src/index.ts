/** The module that host pages import, from the platform's URL or from npm. */
import base from "./base.css";
import { define, mount } from "./mount";
import own from "./styles.css";
import type { CodatConnectionsProps, MountedConnections } from "./types";

export type {
  CodatConnectionsOptions,
  CodatConnectionsProps,
  CodatTextOptions,
  CodatTextOptionsKeys,
  ConnectionCallbackArgs,
  DisconnectCallbackArgs,
  ErrorCallbackArgs,
  IntegrationSourceTypeKeys,
  MoorlineConnectionsProps,
  MountedConnections,
  ReconnectCallbackArgs,
} from "./types";
export type { HTMLMoorlineConnectionsElement } from "./mount";
export { mount, MoorlineConnectionsElement } from "./mount";

export const version: string = __VERSION__;

export interface MoorlineConnections extends MountedConnections {}

/** `new MoorlineConnections({ target, props })` appends the component to `target`. */
export class MoorlineConnections {
  constructor({ target, props }: { target: HTMLElement; props: CodatConnectionsProps }) {
    Object.assign(this, mount(target, props));
  }
}

/** The name that pages written for Codat's Connections SDK use. */
export { MoorlineConnections as CodatConnections };

/** The function that pages written for the npm package of Codat's Connections SDK use. The component is there at once. */
export async function initCodatConnections(target: HTMLElement, props: CodatConnectionsProps): Promise<void> {
  mount(target, props);
}

define(base + own);
