// Both databases, for stories that must come out the same on either.

import { describe } from "node:test";

import { postgresServer } from "./postgres.js";
import type { Engine } from "./world.js";

/** Tells the stories once on each. PostgreSQL's are skipped, visibly, where MOORLINE_TEST_POSTGRES isn't set. */
export function onBothDatabases(about: string, tell: (engine: Engine) => void): void {
  for (const engine of ["SQLite", "PostgreSQL"] satisfies Engine[]) {
    const skip = engine === "PostgreSQL" && postgresServer === undefined ? "MOORLINE_TEST_POSTGRES is not set" : false;
    describe(`${about} on ${engine}`, { skip }, () => tell(engine));
  }
}
