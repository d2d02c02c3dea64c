/** The parts of a component: what its first page doesn't need. */
import type { Failure } from "../server/api";
import { asFailure } from "../server/watch";

export class Parts<All extends object> {
  /** The reason for which the part that was wanted last isn't there. */
  lacking: Failure | null = null;
  readonly #found: Partial<All> = {};
  readonly #coming = new Set<keyof All>();
  #attempts = 0;

  readonly #load: (name: keyof All, attempt: number) => Promise<unknown>;
  readonly #changed: () => void;

  /** `load` gets the number of attempts before; `changed` is called when a part has come, or can't be had. */
  constructor(load: (name: keyof All, attempt: number) => Promise<unknown>, changed: () => void) {
    this.#load = load;
    this.#changed = changed;
  }

  get<Name extends keyof All>(name: Name): All[Name] | undefined {
    return this.#found[name];
  }

  /** Loads a part, unless it is there or on its way. */
  async bring(name: keyof All): Promise<void> {
    if (this.#found[name] || this.#coming.has(name)) return;
    this.lacking = null;
    this.#coming.add(name);
    this.#changed();
    try {
      this.#found[name] = (await this.#load(name, this.#attempts++)) as All[typeof name];
    } catch (error) {
      this.lacking = asFailure(error);
    }
    this.#coming.delete(name);
    this.#changed();
  }
}
