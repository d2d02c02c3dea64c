/** A React component: mounts once, follows its callbacks and token, and leaves with its element. */
import { createElement, useEffect, useRef, type DetailedHTMLProps, type FC, type HTMLAttributes } from "react";
import { mount, type HTMLMoorlineConnectionsElement } from "./index";
import type { CodatConnectionsProps, MountedConnections } from "./types";

/** Attributes of the element in JSX. */
export type MoorlineConnectionsAttributes = DetailedHTMLProps<
  HTMLAttributes<HTMLMoorlineConnectionsElement>,
  HTMLMoorlineConnectionsElement
> & { props?: CodatConnectionsProps };

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "moorline-connections": MoorlineConnectionsAttributes;
    }
  }
}

export type ConnectionsProps = CodatConnectionsProps &
  Omit<HTMLAttributes<HTMLDivElement>, keyof CodatConnectionsProps | "children">;

/** Fills the `<div>` that it renders, which takes any further attribute (`className`, `style`, `id`). */
export const Connections: FC<ConnectionsProps> = ({
  accessToken,
  onClose,
  onError,
  onDisconnect,
  onReconnect,
  onConnect,
  options,
  getAccessToken,
  ...attributes
}) => {
  const target = useRef<HTMLDivElement>(null);
  const mounted = useRef<MountedConnections | null>(null);
  const props: CodatConnectionsProps = { accessToken };
  Object.assign(props, { onClose, onError, onDisconnect, onReconnect, onConnect, getAccessToken });

  useEffect(() => {
    mounted.current = mount(target.current!, { ...props, ...(options && { options }) });
    return () => mounted.current?.destroy();
    // Options are read once, at mount; the next effect follows all other props.
  }, []);
  useEffect(() => mounted.current?.update(props));

  return createElement("div", { ...attributes, ref: target });
};
