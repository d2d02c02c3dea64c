/** The platform's component in a modal dialog, loaded from the platform when it is first opened. */
import { useEffect, useRef, useState } from "react";
import { asTrouble, post, Trouble } from "../api";
import { Icon, Skeleton, TroubleNotice } from "../parts";
import { dataTypeName } from "../words";

interface ComponentError {
  correlationId?: string;
  message?: string;
  userRecoverable: boolean;
}

interface ComponentModule {
  CodatConnections: new (options: {
    target: HTMLElement;
    props: {
      accessToken: string;
      getAccessToken: () => Promise<string>;
      onClose: () => void;
      onError: (error: ComponentError) => void;
      onDisconnect: (args: { connectionId: string }) => void;
      onReconnect: (args: { connectionId: string }) => void;
      options: { text: Record<string, string[]> };
    };
  }) => unknown;
}

const SHARED = {
  accounting: ["bankAccounts", "bankTransactions", "customers", "invoices", "payments", "balanceSheet", "profitAndLoss"],
  banking: ["banking-accounts", "banking-accountBalances", "banking-transactions"],
  commerce: ["commerce-orders", "commerce-payments", "commerce-products"],
};

const text = Object.fromEntries(
  Object.entries(SHARED).map(([source, dataTypes]) => [`${source}.connectionDetails.dataTypes`, dataTypes.map(dataTypeName)]),
);

const accessToken = async () => (await post<{ accessToken: string }>("/api/access-token")).accessToken;

export function ManageConnections({ platformUrl, onClosed }: { platformUrl: string; onClosed: () => void }) {
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
    const mount = async () => {
      try {
        const [{ CodatConnections }, token] = await Promise.all([
          // A module that failed to load stays failed under its address, so another try needs another address.
          import(/* @vite-ignore */ `${platformUrl}/sdk/connections.js${round ? `?try=${round}` : ""}`) as Promise<ComponentModule>,
          accessToken(),
        ]);
        if (!open) return;
        setReady(true);
        new CodatConnections({
          target: element,
          props: {
            accessToken: token,
            getAccessToken: accessToken,
            onClose: () => dialog.current?.close(),
            onError: ({ message, correlationId, userRecoverable }) => {
              // The component itself shows errors from which the customer can recover.
              if (open && !userRecoverable) setTrouble(new Trouble("platform_error", message ?? "Your connections can't be shown right now.", correlationId));
            },
            onDisconnect: () => undefined,
            onReconnect: () => undefined,
            options: { text },
          },
        });
      } catch (error) {
        if (open) {
          setTrouble(
            error instanceof Trouble
              ? asTrouble(error)
              : new Trouble("platform_unreachable", "Your connections can't be shown right now. Try again in a moment."),
          );
        }
      }
    };
    void mount();
    return () => {
      open = false;
      // By the contract, removing its element closes the component.
      element.replaceChildren();
    };
  }, [platformUrl, round]);

  return (
    <dialog ref={dialog} className="manage" aria-label="Manage connections" onClose={onClosed}>
      {(trouble || !ready) && (
        <div className="manage-wait">
          <button type="button" className="icon-button" aria-label="Close" onClick={() => dialog.current?.close()}>
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
            <Skeleton lines={4} label="Opening your connections" />
          )}
        </div>
      )}
      <div ref={target} className="manage-target" hidden={trouble !== undefined} />
    </dialog>
  );
}
