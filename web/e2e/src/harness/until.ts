// Waiting on a condition, never on time.

const PAUSE_MS = 25;

/**
 * Asks again and again until the answer is neither `undefined`, `null` nor `false`, and gives it back.
 * An error thrown by the question counts as "not yet", and is the cause of the failure when time runs out.
 */
export async function until<T>(
  what: string,
  question: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  limitMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  let last: unknown;
  let cause: unknown;
  while (performance.now() < deadline) {
    try {
      const answer = await question();
      if (answer !== undefined && answer !== null && answer !== false) return answer;
      last = answer;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(`not within ${limitMs / 1000} s: ${what} (last answer: ${String(last)})`, { cause });
}
