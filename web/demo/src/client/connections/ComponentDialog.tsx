/** A component of the platform's in a modal dialog, loaded from the platform when it is first opened. */
import { useEffect, useRef, useState } from "react";
import { asTrouble, post, Trouble } from "../api";
import { Icon, Skeleton, TroubleNotice } from "../parts";
import { words } from "../words/speech";

export interface ComponentError {
  correlationId?: string;
  message?: string;
  userRecoverable: boolean;
}

export interface Access {
  companyId: string;
  accessToken: string;
}

/** What a component gets from the dialog that holds it. */
export interface Hold {
  target: HTMLElement;
  access: Access;
  getAccessToken: () => Promise<string>;
  close: () => void;
  onError: (error: ComponentError) => void;
}

const access = () => post<Access>("/api/access-token");
const getAccessToken = async () => (await access()).accessToken;

interface Props {
  /** The module's address on the platform. */
  address: string;
  label: string;
  opening: string;
  unavailable: string;
  mount: (module: unknown, hold: Hold) => void;
  onClosed: () => void;
}

export function ComponentDialog({ address, label, opening, unavailable, mount, onClosed }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const target = useRef<HTMLDivElement>(null);
  const [trouble, setTrouble] = useState<Trouble>();
  const [ready, setReady] = useState(false);
  const [round, setRound] = useState(0);

  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
  }, []);

  useEffect(() => {
    const element = target.current;
    if (!element) return;
    let open = true;
    const load = async () => {
      try {
        const [module, granted] = await Promise.all([
          // A module that failed to load stays failed under its address, so another try needs another address.
          import(/* @vite-ignore */ `${address}${round ? `?try=${round}` : ""}`) as Promise<unknown>,
          access(),
        ]);
        if (!open) return;
        setReady(true);
        mount(module, {
          target: element,
          access: granted,
          getAccessToken,
          close: () => dialog.current?.close(),
          onError: ({ message, correlationId, userRecoverable }) => {
            // The component itself shows errors from which the customer can recover.
            if (open && !userRecoverable) setTrouble(new Trouble("platform_error", message ?? unavailable, correlationId, message !== undefined));
          },
        });
      } catch (error) {
        if (open) {
          setTrouble(error instanceof Trouble ? asTrouble(error) : new Trouble("platform_unreachable", `${unavailable} ${words.failures.later}`));
        }
      }
    };
    void load();
    return () => {
      open = false;
      // By the contract, removing its element closes the component.
      element.replaceChildren();
    };
    // The component is opened once for each address and each try; what it reports to may change meanwhile.
  }, [address, round]);

  return (
    <dialog ref={dialog} className="manage" aria-label={label} onClose={onClosed}>
      {(trouble || !ready) && (
        <div className="manage-wait">
          <button type="button" className="icon-button" aria-label={words.parts.close} onClick={() => dialog.current?.close()}>
            <Icon name="close" />
          </button>
          {trouble ? (
            <TroubleNotice
              trouble={trouble}
              onAgain={() => {
                setTrouble(undefined);
                setReady(false);
                setRound(round + 1);
              }}
            />
          ) : (
            <Skeleton lines={4} label={opening} />
          )}
        </div>
      )}
      <div ref={target} className="manage-target" hidden={trouble !== undefined} />
    </dialog>
  );
}
