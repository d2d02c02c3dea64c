/** The platform's component for new connections, in a modal dialog. */
import { useRef } from "react";
import { type ComponentError, ComponentDialog, type Hold } from "./ComponentDialog";

interface ComponentModule {
  CodatLink: new (options: {
    target: HTMLElement;
    props: {
      companyId: string;
      accessToken: string;
      getAccessToken: () => Promise<string>;
      onConnection: (args: { connectionId: string }) => void;
      onFinish: () => void;
      onClose: () => void;
      onError: (error: ComponentError) => void;
      options: { text: Record<string, string> };
    };
  }) => unknown;
}

const text = {
  "main.title": "Connect the platforms you use",
  "main.subtitle": "One is enough to start; each further one sharpens the picture.",
};

interface Props {
  platformUrl: string;
  /** The dialog was closed; true if the merchant said that all is connected. */
  onClosed: (finished: boolean) => void;
}

export function ConnectHere({ platformUrl, onClosed }: Props) {
  const finished = useRef(false);
  const mount = (module: unknown, { target, access, getAccessToken, close, onError }: Hold): void => {
    const { CodatLink } = module as ComponentModule;
    new CodatLink({
      target,
      props: {
        ...access,
        getAccessToken,
        // The pages behind read what is connected from Tidewell's own server.
        onConnection: () => undefined,
        onFinish: () => {
          finished.current = true;
          close();
        },
        onClose: close,
        onError,
        options: { text },
      },
    });
  };
  return (
    <ComponentDialog
      address={`${platformUrl}/sdk/link.js`}
      label="Connect platforms"
      opening="Opening the platforms"
      unavailable="Platforms can't be connected here right now. Use a button on the page behind."
      mount={mount}
      onClosed={() => onClosed(finished.current)}
    />
  );
}
