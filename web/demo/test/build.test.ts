/** The files that `npm run build` leaves. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

it("no built file names a folder of the machine that built it", () => {
  const files = readdirSync(`${ROOT}dist`, { recursive: true, encoding: "utf8" }).filter((name) => /\.(js|css|html)$/.test(name));
  expect(files).toContain("server.js");
  for (const name of files) expect(readFileSync(`${ROOT}dist/${name}`, "utf8"), name).not.toContain(ROOT);
});
