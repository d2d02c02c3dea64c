// Both databases, for stories that must have the same outcome on either.

import { describe } from "node:test";

import { postgresServer } from "./postgres.js";
import type { Engine } from "./world.js";

/** Runs the stories once on each; PostgreSQL's are reported as skipped if MOORLINE_TEST_POSTGRES isn't set. */
export function onBothDatabases(about: string, stories: (engine: Engine) => void): void {
  for (const engine of ["SQLite", "PostgreSQL"] satisfies Engine[]) {
    const skip = engine === "PostgreSQL" && postgresServer === undefined ? "MOORLINE_TEST_POSTGRES is not set" : false;
    describe(`${about} on ${engine}`, { skip }, () => stories(engine));
  }
}
