/** The platform's component for connections that there are, in a modal dialog. */
import { dataTypeName, locale, words } from "../words/speech";
import { type ComponentError, ComponentDialog, type Hold } from "./ComponentDialog";

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
      options: { locale: string; text: Record<string, string[]> };
    };
  }) => unknown;
}

const SHARED = {
  accounting: ["bankAccounts", "bankTransactions", "customers", "invoices", "payments", "balanceSheet", "profitAndLoss"],
  banking: ["banking-accounts", "banking-accountBalances", "banking-transactions"],
  commerce: ["commerce-orders", "commerce-payments", "commerce-products"],
};

const text = () =>
  Object.fromEntries(Object.entries(SHARED).map(([source, dataTypes]) => [`${source}.connectionDetails.dataTypes`, dataTypes.map(dataTypeName)]));

function mount(module: unknown, { target, access, getAccessToken, close, onError }: Hold): void {
  const { CodatConnections } = module as ComponentModule;
  new CodatConnections({
    target,
    props: {
      accessToken: access.accessToken,
      getAccessToken,
      onClose: close,
      onError,
      onDisconnect: () => undefined,
      onReconnect: () => undefined,
      options: { locale, text: text() },
    },
  });
}

export function ManageConnections({ platformUrl, onClosed }: { platformUrl: string; onClosed: () => void }) {
  return (
    <ComponentDialog
      address={`${platformUrl}/sdk/connections.js`}
      label={words.parts.manage}
      opening={words.overview.dialogOpening}
      unavailable={words.overview.dialogUnavailable}
      mount={mount}
      onClosed={onClosed}
    />
  );
}
