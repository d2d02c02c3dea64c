/** The style sheets of a shadow root, under any content security policy. */

/** Adds a constructable sheet, which any `style-src` allows, or a `<style>` with the host's nonce if the browser has none. */
export function style(root: ShadowRoot, css: string, nonce: string | undefined): () => void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    return () => void (root.adoptedStyleSheets = root.adoptedStyleSheets.filter((each) => each !== sheet));
  } catch {
    const element = document.createElement("style");
    if (nonce) element.nonce = nonce;
    element.textContent = css;
    root.append(element);
    return () => element.remove();
  }
}
