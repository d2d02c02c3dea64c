/** The window in which the customer signs in at the platform. */

/** Opens a blank window inside a click; null if the browser blocks it. */
export function openWindow(message: string): Window | null {
  let popup: Window | null = null;
  try {
    popup = window.open("", "_blank", features());
    if (popup) {
      popup.document.title = message;
      popup.document.body.textContent = message;
    }
  } catch {
    // A sandboxed host may forbid windows, or writing into them.
  }
  return popup;
}

/** True for browsers inside other apps, whose second windows can't return to the page. */
export function isInAppBrowser(userAgent: string): boolean {
  return /\bFB(AN|AV|IOS)|Instagram|\bLine\/|MicroMessenger|Snapchat|TikTok|musical_ly|LinkedInApp|Twitter|; wv\)/i.test(
    userAgent,
  );
}

/** A window beside the page if there is room; phones get a tab. */
function features(): string | undefined {
  const width = 620;
  const height = 780;
  if (screen.availWidth < 2 * width || matchMedia("(pointer: coarse)").matches) return undefined;
  const left = Math.round(screenX + (outerWidth - width) / 2);
  const top = Math.round(screenY + (outerHeight - height) / 2);
  return `popup,width=${width},height=${height},left=${left},top=${top}`;
}
