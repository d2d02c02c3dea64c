/** Reads server-sent events from a fetched body (WHATWG HTML, 9.2.6), because EventSource sends no Authorization header. */

export interface ServerEvent {
  type: string;
  data: string;
  id: string;
}

/** Turns chunks of text into events; a chunk may end anywhere. */
export function eventParser(onEvent: (event: ServerEvent) => void): (chunk: string) => void {
  let rest = "";
  let type = "";
  let id = "";
  let data: string[] = [];
  return (chunk) => {
    const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop()!;
    for (const line of lines) {
      if (line === "") {
        if (data.length || type) onEvent({ type: type || "message", data: data.join("\n"), id });
        type = "";
        data = [];
        continue;
      }
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "event") type = value;
      else if (field === "data") data.push(value);
      else if (field === "id") id = value;
    }
  };
}

/** Resolves when the server ends the stream. `onBytes` is called for every chunk, heartbeats (comments) included. */
export async function readEventStream(
  body: ReadableStream<Uint8Array>,
  onEvent: (event: ServerEvent) => void,
  onBytes: () => void,
): Promise<void> {
  const parse = eventParser(onEvent);
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onBytes();
    parse(decoder.decode(value, { stream: true }));
  }
}
