// Backups in an object store: another project's server speaks S3's protocol, and Amazon's own library checks each signature before it.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import S3rver from "s3rver";

import { onBothDatabases } from "../harness/engines.js";
import { freePort } from "../harness/processes.js";
import { signatureDoor, type Door } from "../harness/signatures.js";
import { startWorld, type World } from "../harness/world.js";

/** Together longer than what is sent in one request. */
const FILLERS = 400;

onBothDatabases("backups in an object store", (engine) => {
  let world: World;
  let store: S3rver;
  let door: Door;
  let folder: string;
  let settings: Record<string, string>;
  let companyId: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "moorline-s3-"));
    const port = await freePort();
    store = new S3rver({ address: "127.0.0.1", port, silent: true, directory: folder, configureBuckets: [{ name: "ledger", configs: [] }] });
    await store.run();
    door = await signatureDoor(port, "S3RVER", "S3RVER", "eu-central-1");
    settings = {
      AWS_ACCESS_KEY_ID: "S3RVER",
      AWS_SECRET_ACCESS_KEY: "S3RVER",
      MOORLINE_BACKUP__S3_ENDPOINT: door.url,
      MOORLINE_BACKUP__S3_REGION: "eu-central-1",
    };
    world = await startWorld({ engine });
    ({ id: companyId } = await world.client.codat.companies.create({ name: "Saltmarsh Bakery" }));
    // What PostgreSQL gives is an archive; this makes it long.
    await world.database?.query(
      `insert into meta (key, value)
       select 'filler' || number, (select string_agg(md5(number::text || part::text), '') from generate_series(1, 1500) as part)
       from generate_series(1, ${FILLERS}) as number`,
    );
  });
  after(async () => {
    await world?.stop();
    await door?.close();
    await store?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const names = (): string[] => (existsSync(join(folder, "ledger/nightly")) ? readdirSync(join(folder, "ledger/nightly")).sort() : []);
  const left = (): string[] => readdirSync(join(world.folder, "data")).filter((name) => /^moorline-/.test(name));
  const backup = (...args: string[]): Promise<string> => world.command(["backup", "--to", "s3://ledger/nightly", ...args], settings);

  test("a backup is stored, checked and put back from its address", async () => {
    const output = await backup("--with-key");
    const address = /s3:\/\/ledger\/nightly\/moorline-\w+/.exec(output)?.[0] ?? output;
    const [name] = names();
    assert.ok(address.endsWith(`/${name}`), output);
    assert.deepEqual(left(), [], "nothing stays beside the database");
    const files = readdirSync(join(folder, "ledger/nightly", name!)).filter((file) => file.endsWith("_object"));
    assert.equal(files.length, 3, files.join(" "));
    if (engine === "PostgreSQL") {
      const archive = files.find((file) => file.includes("archive"))!;
      assert.ok(statSync(join(folder, "ledger/nightly", name!, archive)).size > 17 << 20, "it went in parts");
    }

    assert.match(await world.command(["restore", "--verify", address], settings), /is good/);

    const elsewhere = mkdtempSync(join(tmpdir(), "moorline-back-"));
    const there = {
      ...settings,
      MOORLINE_DATABASE_URL: `sqlite:${join(elsewhere, "moorline.db")}`,
      MOORLINE_KEY_FILE: join(elsewhere, "moorline.key"),
    };
    assert.match(await world.command(["restore", address], there), /It is put back/);
    assert.match(await world.command(["companies", "list"], there), new RegExp(companyId));
    assert.deepEqual(readdirSync(elsewhere).filter((file) => /^moorline-/.test(file)), []);
    rmSync(elsewhere, { recursive: true });
  });

  test("one altered byte in the store is found", async () => {
    const [name] = names();
    const place = join(folder, "ledger/nightly", name!);
    const file = join(place, readdirSync(place).find((file) => /^moorline\.(db|archive)\._S3rver_object$/.test(file))!);
    const bytes = readFileSync(file);
    const whole = Buffer.from(bytes);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(file, bytes);
    await assert.rejects(world.command(["restore", "--verify", `s3://ledger/nightly/${name}`], settings), /damaged or altered/);
    writeFileSync(file, whole);
  });

  test("the newest are kept, and what is only begun is never taken for a backup", async () => {
    const [first] = names();
    const output = await backup("--keep", "1");
    assert.match(output, new RegExp(`deleted s3://ledger/nightly/${first}`));
    const [second] = names();
    assert.notEqual(second, first);
    assert.equal(names().length, 1);

    const manifest = join(folder, "ledger/nightly", second!, "backup.json._S3rver_object");
    rmSync(manifest);
    await assert.rejects(world.command(["restore", "--verify", `s3://ledger/nightly/${second}`], settings), /NoSuchKey/);
  });

  test("a refusal is told with the store’s own word, leaves nothing behind and names no secret", async () => {
    const before = names();
    for (const [given, said] of [
      [{ AWS_SECRET_ACCESS_KEY: "another secret" }, /SignatureDoesNotMatch/],
      [{ MOORLINE_BACKUP__S3_REGION: "eu-west-1" }, /SignatureDoesNotMatch/],
      [{ AWS_SECRET_ACCESS_KEY: "" }, /set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/],
      [{ MOORLINE_BACKUP__S3_ENDPOINT: "http://store.example" }, /must be https/],
    ] as const) {
      await assert.rejects(world.command(["backup", "--to", "s3://ledger/nightly"], { ...settings, ...given }), (error: Error) => {
        assert.match(error.message, said);
        assert.doesNotMatch(error.message, /another secret|X-Amz-Signature/);
        return true;
      });
    }
    await assert.rejects(world.command(["backup", "--to", "s3://nowhere/nightly"], settings), /NoSuchBucket/);
    assert.deepEqual(names(), before);
    assert.deepEqual(left(), []);
  });

  test("every request was signed as Amazon’s own library signs it", () => {
    assert.ok(door.passed() >= 15, String(door.passed()));
    assert.equal(door.refused(), 2, "those that were meant to be");
  });
});
