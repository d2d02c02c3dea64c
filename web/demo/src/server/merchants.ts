/** The merchants who have signed up, in one JSON file that outlasts a restart. */
import { createHash, randomBytes, randomInt } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { LinkResult, Merchant } from "../shared/wire";

export interface MerchantRecord extends Merchant {
  companyId: string;
  created: string;
  /** SHA-256 of the session tokens, so that the file holds no usable token. */
  sessions: string[];
  lastResult: LinkResult | null;
}

// Without 0/O and 1/I/L, because merchants read their number out on the phone.
const ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const SESSIONS_KEPT = 5;

const digest = (token: string) => createHash("sha256").update(token).digest("hex");

export class Merchants {
  readonly #file: string;
  readonly #records: MerchantRecord[];
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, records: MerchantRecord[]) {
    this.#file = file;
    this.#records = records;
  }

  static async open(dataDir: string): Promise<Merchants> {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const file = join(dataDir, "merchants.json");
    let records: MerchantRecord[] = [];
    try {
      records = (JSON.parse(await readFile(file, "utf8")) as { merchants: MerchantRecord[] }).merchants;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw new Error(`${file} can't be read`, { cause: error });
    }
    return new Merchants(file, records);
  }

  /** An unused merchant number, e.g. `TW-7K3M9Q`. */
  newId(): string {
    for (;;) {
      const id = `TW-${Array.from({ length: 6 }, () => ALPHABET[randomInt(ALPHABET.length)]).join("")}`;
      if (!this.#records.some((record) => record.id === id)) return id;
    }
  }

  /** Keeps a merchant and opens their first session; the token is returned once and not stored. */
  async add(merchant: Merchant & { companyId: string }): Promise<string> {
    const token = randomBytes(32).toString("base64url");
    this.#records.push({ ...merchant, created: new Date().toISOString(), sessions: [digest(token)], lastResult: null });
    await this.save();
    return token;
  }

  bySession(token: string | undefined): MerchantRecord | undefined {
    if (!token) return undefined;
    const hash = digest(token);
    return this.#records.find((record) => record.sessions.includes(hash));
  }

  async signOut(record: MerchantRecord, token: string): Promise<void> {
    record.sessions = record.sessions.filter((hash) => hash !== digest(token)).slice(-SESSIONS_KEPT);
    await this.save();
  }

  async recordResult(record: MerchantRecord, result: Omit<LinkResult, "sequence">): Promise<LinkResult> {
    record.lastResult = { ...result, sequence: (record.lastResult?.sequence ?? 0) + 1 };
    await this.save();
    return record.lastResult;
  }

  /** Writes a new file, syncs and renames it, so that a crash leaves the old file or the new one. */
  save(): Promise<void> {
    const write = async () => {
      const aside = `${this.#file}.new`;
      const handle = await open(aside, "w", 0o600);
      try {
        await handle.writeFile(`${JSON.stringify({ merchants: this.#records }, null, 2)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(aside, this.#file);
    };
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }
}
