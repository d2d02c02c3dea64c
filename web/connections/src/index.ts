/** The module that host pages import: from the platform's URL, or from npm. */
import { define, mount } from "./mount";
import type { CodatConnectionsProps, MountedConnections } from "./types";

export type * from "./types";
export { mount, MoorlineConnectionsElement } from "./mount";

export const version: string = __VERSION__;

/** `new MoorlineConnections({ target, props })` appends the component to `target`. */
export class MoorlineConnections implements MountedConnections {
  private readonly mounted: MountedConnections;

  constructor({ target, props }: { target: HTMLElement; props: CodatConnectionsProps }) {
    this.mounted = mount(target, props);
  }

  update(props: Partial<CodatConnectionsProps>): void {
    this.mounted.update(props);
  }

  destroy(): void {
    this.mounted.destroy();
  }
}

/** The name that pages written for Codat's Connections SDK use. */
export { MoorlineConnections as CodatConnections };

/** The function that pages written for the npm package of Codat's Connections SDK use. */
export function initCodatConnections(target: HTMLElement, props: CodatConnectionsProps): MountedConnections {
  return mount(target, props);
}

define();
