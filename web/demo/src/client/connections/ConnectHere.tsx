/** The platform's component for new connections, in a modal dialog. */
import { useRef } from "react";
import { locale, words } from "../words/speech";
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
      options: { locale: string; text: Record<string, string> };
    };
  }) => unknown;
}

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
        options: { locale, text: { "main.title": words.connect.title, "main.subtitle": words.connect.oneIsEnough } },
      },
    });
  };
  return (
    <ComponentDialog
      address={`${platformUrl}/sdk/link.js`}
      label={words.connect.dialog}
      opening={words.connect.dialogOpening}
      unavailable={words.connect.dialogUnavailable}
      mount={mount}
      onClosed={() => onClosed(finished.current)}
    />
  );
}
