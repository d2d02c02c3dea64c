/** The context of a call, for what is done later on behalf of its caller. */

/**
 * Returns a function that runs work in the context in which `here` was called; errors of the work are reported to the
 * page. Libraries that carry a context through asynchronous work, such as zone.js, by which Angular notices changes,
 * lose it at a native `await`. Each of them keeps it for event listeners, so an event brings it back without a word to
 * any of them.
 */
export function here(): (work: () => void) => void {
  const target = new EventTarget();
  target.addEventListener("run", (event) => (event as CustomEvent<() => void>).detail());
  return (detail) => void target.dispatchEvent(new CustomEvent("run", { detail }));
}
