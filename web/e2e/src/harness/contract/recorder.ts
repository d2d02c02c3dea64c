// A proxy between a client and the program that records every exchange, for clients of any HTTP library.

import { createServer, request as forward, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

import type { Exchange } from "./openapi.js";

export interface Recorder {
  readonly url: string;
  /** The exchanges since the last call. */
  take(): Exchange[];
  stop(): Promise<void>;
}

export async function startRecorder(platform: string): Promise<Recorder> {
  let exchanges: Exchange[] = [];
  const to = new URL(platform);
  const server = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, host: to.host };
    const options = { host: to.hostname, port: to.port, method: incoming.method, path: incoming.url, headers };
    const passed = forward(options, (answer) => {
      void whole(answer).then((body) => {
        exchanges.push({
          method: incoming.method ?? "",
          path: new URL(incoming.url ?? "", platform).pathname,
          status: answer.statusCode ?? 0,
          contentType: answer.headers["content-type"] ?? "",
          body: plain(body, answer.headers["content-encoding"]).toString(),
        });
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        outgoing.end(body);
      });
    });
    passed.on("error", (error) => outgoing.destroy(error));
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: () => {
      const taken = exchanges;
      exchanges = [];
      return taken;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function whole(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** A body as its sender had it before it was compressed. */
function plain(body: Buffer, encoding: string | undefined): Buffer {
  if (body.length === 0) return body;
  if (encoding === "br") return brotliDecompressSync(body);
  return encoding === "gzip" ? gunzipSync(body) : body;
}
