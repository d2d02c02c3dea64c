// Waiting for a condition, never for a time.

const PAUSE_MS = 25;

/**
 * Repeats `check` until its result is neither `undefined`, `null` nor `false`, and returns it. An error that it throws counts as "not yet",
 * and becomes the cause of the failure when time runs out.
 */
export async function until<T>(
  what: string,
  check: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  limitMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  let last: unknown;
  let cause: unknown;
  while (performance.now() < deadline) {
    try {
      const result = await check();
      if (result !== undefined && result !== null && result !== false) return result;
      last = result;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(`not within ${limitMs / 1000} s: ${what} (last result: ${String(last)})`, { cause });
}
