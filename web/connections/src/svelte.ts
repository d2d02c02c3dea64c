/** A Svelte action: `<div use:connections={{ accessToken, onClose }}></div>`. */
import { mount } from "./index";
import type { CodatConnectionsProps } from "./types";

/** Mounts in the element, follows its props, and leaves with the element. Options are read once, at mount. */
export function connections(
  target: HTMLElement,
  props: CodatConnectionsProps,
): { update(props: CodatConnectionsProps): void; destroy(): void } {
  const mounted = mount(target, props);
  return { update: (change) => mounted.update(change), destroy: () => mounted.destroy() };
}
