/** A Svelte action: `<div use:link={{ companyId, accessToken, onConnection, onError, onFinish }}></div>`. */
import { mount } from "./index";
import type { CodatLinkProps } from "./types";

/** Mounts in the element, follows its props, and leaves with the element. Options are read once, at mount. */
export function link(target: HTMLElement, props: CodatLinkProps): { update(props: CodatLinkProps): void; destroy(): void } {
  const mounted = mount(target, props);
  return { update: (change) => mounted.update(change), destroy: () => mounted.destroy() };
}
