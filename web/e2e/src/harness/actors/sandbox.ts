// The sandbox platform as its operator sees it: the control API (crates/sandbox/CONTROL.md).

export interface Grant {
  readonly id: string;
  readonly product: "accounting" | "commerce" | "banking";
  readonly business: string;
  readonly created: string;
  readonly revoked_at: string | null;
}

type FaultKind =
  | "deny"
  | "authorization_error"
  | "token_delay"
  | "token_error"
  | "token_answer_lost"
  | "api_rate_limit"
  | "api_error"
  | "api_malformed"
  | "api_delay"
  | "outage";

interface FaultRequest {
  kind: FaultKind;
  times?: number;
  until_cleared?: boolean;
  product?: string;
  business?: string;
  path?: string;
  error?: string;
  delay_ms?: number;
  retry_after_seconds?: number;
  status?: number;
  mode?: string;
}

export interface Fault extends FaultRequest {
  readonly id: number;
}

export class Sandbox {
  constructor(readonly url: string) {}

  grants(): Promise<Grant[]> {
    return this.call("GET", "/grants");
  }

  /** The newest grant that has not been revoked. */
  async newestGrant(): Promise<Grant> {
    const grants = (await this.grants()).filter((grant) => grant.revoked_at === null);
    const newest = grants.sort((a, b) => a.created.localeCompare(b.created)).at(-1);
    if (newest === undefined) throw new Error("Every grant of the sandbox is revoked.");
    return newest;
  }

  /** Makes an API key, as the owner of a business does. */
  makeKey(product: Grant["product"], business: string): Promise<{ grant: string; key: string }> {
    return this.call("POST", "/keys", { product, business });
  }

  revoke(grant: Grant): Promise<Grant> {
    return this.call("POST", `/grants/${grant.id}/revoke`);
  }

  expire(grant: Grant): Promise<{ expired: number }> {
    return this.call("POST", `/grants/${grant.id}/expire`);
  }

  arm(fault: FaultRequest): Promise<Fault> {
    return this.call("POST", "/faults", fault);
  }

  async clear(): Promise<void> {
    await this.call("DELETE", "/faults");
  }

  faults(): Promise<Fault[]> {
    return this.call("GET", "/faults");
  }

  private async call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.url}/control/api${path}`, {
      method,
      ...(body !== undefined && {
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} at the sandbox: ${response.status} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }
}
