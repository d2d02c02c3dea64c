/** A React component: mounts once, follows its callbacks and token, and leaves with its element. */
import { createElement, useEffect, useRef, type DetailedHTMLProps, type FC, type HTMLAttributes } from "react";
import { mount, type HTMLMoorlineLinkElement } from "./index";
import type { CodatLinkProps, MountedLink } from "./types";

/** Attributes of the element in JSX. */
export type MoorlineLinkAttributes = DetailedHTMLProps<HTMLAttributes<HTMLMoorlineLinkElement>, HTMLMoorlineLinkElement> & {
  props?: CodatLinkProps;
};

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "moorline-link": MoorlineLinkAttributes;
    }
  }
}

export type LinkProps = CodatLinkProps & Omit<HTMLAttributes<HTMLDivElement>, keyof CodatLinkProps | "children">;

/** Fills the `<div>` that it renders, which takes any further attribute (`className`, `style`, `id`). */
export const Link: FC<LinkProps> = ({
  companyId,
  accessToken,
  getAccessToken,
  onClose,
  onConnection,
  onConnectionStarted,
  onConsent,
  onError,
  onFinish,
  options,
  ...attributes
}) => {
  const target = useRef<HTMLDivElement>(null);
  const mounted = useRef<MountedLink | null>(null);
  const props: CodatLinkProps = { companyId, onConnection, onError, onFinish };
  Object.assign(props, { accessToken, getAccessToken, onClose, onConnectionStarted, onConsent });

  useEffect(() => {
    mounted.current = mount(target.current!, { ...props, ...(options && { options }) });
    return () => mounted.current?.destroy();
    // Options are read once, at mount; another company is another component.
  }, [companyId]);
  useEffect(() => mounted.current?.update(props));

  return createElement("div", { ...attributes, ref: target });
};
