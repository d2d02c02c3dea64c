/** Mounts the component on a page, one in each target, and removes it without a trace. */
import { h, render } from "preact";
import { App } from "./app";
import { here } from "./context";
import { datesIn } from "./locales/dates";
import { en, type Strings } from "./locales/en";
import { load } from "./locales/further";
import { languageOf, localeOf } from "./locales/index";
import { Session } from "./server/session";
import { servedFrom } from "./server/token";
import { style } from "./style";
import type { CodatConnectionsProps, MountedConnections } from "./types";

const TAG = "moorline-connections";

/**
 * The property of an element that holds its clean-up function. A registered symbol, so that clean-up also works if two
 * versions of this module share a page and only the first could register the tag.
 */
const LEAVE = Symbol.for("moorline.connections.leave");

interface Host extends HTMLElement {
  [LEAVE]?: () => void;
}

/** Appends the component to `target`, in place of one that is already there. */
export function mount(target: HTMLElement, props: CodatConnectionsProps): MountedConnections {
  if (!target?.appendChild) throw new TypeError("The connections component needs an element as its target.");
  for (const child of Array.from(target.children) as Host[]) {
    if (child.localName === TAG) {
      child[LEAVE]?.();
      child.remove();
    }
  }
  const host = document.createElement(TAG);
  const mounted = open(host, props);
  target.appendChild(host);
  return mounted;
}

/** @internal Opens the component in an element; `inContext` runs the host's callbacks. */
export function open(host: Host, given: CodatConnectionsProps, inContext = here()): MountedConnections {
  const props: CodatConnectionsProps = { ...given };
  const options = { ...props.options };
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const unstyle = style(root, css, options.nonce);

  let drawing = false;
  let over = false;
  const wanted = options.locale ? [options.locale] : navigator.languages;
  let language = languageOf(wanted);
  /** Null while another language's are on their way. */
  let words: Strings | null = language === "en" ? en : null;

  const draw = () => {
    drawing = false;
    const dates = datesIn(localeOf(language, wanted));
    if (!over) render(h(App, { session, root, words: words ?? en, ready: !!words, dates, options, close }), root);
  };
  const session = new Session(servedFrom(import.meta.url), props, language, inContext, () => {
    // Several changes in one task are drawn once.
    if (!drawing) queueMicrotask(draw);
    drawing = true;
  });
  const leave = () => {
    if (over) return;
    over = true;
    shown.delete(draw);
    delete host[LEAVE];
    session.stop();
    render(null, root);
    unstyle();
  };
  const destroy = () => {
    leave();
    host.remove();
  };
  const close = () => (props.onClose ? inContext(() => props.onClose?.()) : destroy());

  host[LEAVE] = leave;
  shown.add(draw);
  draw();
  session.start();
  if (!words) {
    void load(language, session.api.address).then((loaded) => {
      words = loaded ?? en;
      language = words.$lang;
      draw();
    });
  }

  return {
    update(change) {
      if (over) return;
      const token = props.accessToken;
      Object.assign(props, change);
      if (props.accessToken !== token) session.useToken(props.accessToken);
    },
    destroy,
  };
}

/** The element as other code sees it; without a class's private parts, so that two copies of the package agree on it. */
export interface HTMLMoorlineConnectionsElement extends HTMLElement {
  props: CodatConnectionsProps | undefined;
}

declare global {
  interface HTMLElementTagNameMap {
    "moorline-connections": HTMLMoorlineConnectionsElement;
  }
  namespace JSX {
    interface IntrinsicElements {
      "moorline-connections": {
        props?: CodatConnectionsProps;
        id?: string;
        class?: string;
        className?: string;
        hidden?: boolean;
        style?: unknown;
        ref?: unknown;
        key?: string | number | null;
      };
    }
  }
}

// The module must be importable on a server, which has no elements.
const Base = globalThis.HTMLElement ?? class {};

/** `<moorline-connections>`: set its `props` and it opens when it is on the page. */
export class MoorlineConnectionsElement extends Base {
  #given: CodatConnectionsProps | undefined;
  /** The context of the host that has set the props; that of `connectedCallback` may be the definition's. */
  #inContext: ReturnType<typeof here> | undefined;
  #mounted: MountedConnections | undefined;

  get props(): CodatConnectionsProps | undefined {
    return this.#given;
  }

  set props(props: CodatConnectionsProps | undefined) {
    this.#given = props;
    this.#inContext = here();
    if (this.#mounted && props) this.#mounted.update(props);
    else this.#begin();
  }

  connectedCallback(): void {
    if (Object.hasOwn(this, "props")) {
      // Set before the tag was registered: pass it to the setter that now exists.
      const { props } = this;
      delete (this as { props?: unknown }).props;
      this.props = props;
    } else {
      this.#begin();
    }
  }

  disconnectedCallback(): void {
    // An element that is only moved is connected again before the microtask.
    queueMicrotask(() => {
      if (this.isConnected) return;
      (this as Host)[LEAVE]?.();
      this.#mounted = undefined;
    });
  }

  #begin(): void {
    if (this.#given && this.isConnected && !(this as Host)[LEAVE]) {
      this.#mounted = open(this, this.#given, this.#inContext);
    }
  }
}

/** The components on the page, to be drawn again when Link comes. */
const shown = new Set<() => void>();

/** The style sheet, which comes with `define`, after all code: so the bundle compresses best. */
let css = "";

/** Registers the tag, unless another copy of this module, or the page itself, has done so. */
export function define(sheet: string): void {
  css = sheet;
  const registry = globalThis.customElements;
  if (registry && !registry.get(TAG)) registry.define(TAG, MoorlineConnectionsElement as CustomElementConstructor);
  void registry?.whenDefined("moorline-link").then(() => shown.forEach((draw) => draw()));
}
