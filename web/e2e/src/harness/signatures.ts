// A door before an object store that doesn't look at signatures: Amazon's own library makes each request's anew, and what is signed
// otherwise is refused as Amazon refuses it.

import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { createServer, request as send, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { SignatureV4 } from "@smithy/signature-v4";

/** The hash that the library asks for, from Node's own. */
class Sha256 {
  private readonly hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret === undefined ? createHash("sha256") : createHmac("sha256", typeof secret === "string" ? secret : bytes(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.hash.update(typeof data === "string" ? data : bytes(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }

  reset(): void {}
}

function bytes(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
}

export interface Door {
  readonly url: string;
  /** Requests that were let through. */
  readonly passed: () => number;
  /** Requests whose signature was another. */
  readonly refused: () => number;
  readonly close: () => Promise<void>;
}

/** Opens a door to `port` for one access key in one region. */
export async function signatureDoor(port: number, accessKeyId: string, secretAccessKey: string, region: string): Promise<Door> {
  const signer = new SignatureV4({
    service: "s3",
    region,
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
  });
  let passed = 0;
  let refused = 0;
  const server = createServer((incoming, answer) => {
    void isSigned(signer, incoming).then((signed) => {
      if (signed) {
        passed += 1;
        forward(incoming, answer, port);
      } else {
        refused += 1;
        incoming.resume();
        const text = "<Error><Code>SignatureDoesNotMatch</Code><Message>The signature is another.</Message></Error>";
        answer.writeHead(403, { "content-type": "application/xml", connection: "close" }).end(text);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed: () => passed,
    refused: () => refused,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** True if the signature in a request's query is the one that the library makes of the rest of it, at its time. */
async function isSigned(signer: SignatureV4, incoming: IncomingMessage): Promise<boolean> {
  const url = new URL(incoming.url!, `http://${incoming.headers.host}`);
  const query: Record<string, string> = {};
  const own: Record<string, string> = {};
  for (const [name, value] of url.searchParams) {
    (/^X-Amz-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature)$/.test(name) ? own : query)[name] = value;
  }
  const date = own["X-Amz-Date"]?.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  if (date === undefined || Number.isNaN(Date.parse(date)) || Math.abs(Date.now() - Date.parse(date)) > 900_000) {
    return false;
  }
  const made = await signer.presign(
    {
      method: incoming.method!,
      protocol: "http:",
      hostname: url.hostname,
      port: Number(url.port),
      path: url.pathname,
      query,
      headers: { host: incoming.headers.host! },
      // A stream, whose bytes aren't signed.
      body: {},
    },
    { signingDate: new Date(date), expiresIn: Number(own["X-Amz-Expires"]) },
  );
  return Object.entries(own).every(([name, value]) => made.query?.[name] === value);
}

/** Sends a request on; one that its sender breaks off is broken off there too, for the store would wait for its rest for ever. */
function forward(incoming: IncomingMessage, answer: ServerResponse, port: number): void {
  const onward = send({ host: "127.0.0.1", port, method: incoming.method, path: incoming.url, headers: incoming.headers }, (came) => {
    answer.writeHead(came.statusCode!, came.headers);
    came.pipe(answer);
  });
  onward.on("error", () => answer.destroy());
  answer.on("close", () => {
    if (!incoming.complete) onward.destroy();
  });
  incoming.pipe(onward);
}
