/** The component as a guest: on strict pages, on hostile pages, in frameworks, and after its removal. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import { OPTIONS, USUAL } from "./states";
import { button, calls, focused, row, title, until, world } from "./world";

const it = world();
const usual = () => it.platform.company(structuredClone(USUAL));

/** Through every kind of view: list, detail, confirm, disconnected, reconnect, waiting, reconnected. */
async function journey(page: Page): Promise<void> {
  await row(page, "Xero").click();
  await page.locator(".timeline li").first().waitFor();
  await button(page, "Disconnect").click();
  await button(page, "Disconnect").click();
  await button(page, "Done").click();
  await row(page, "Square").click();
  await button(page, "Reconnect").click();
  const [popup] = await Promise.all([page.waitForEvent("popup"), button(page, "Continue to Square").click()]);
  await popup.getByRole("button", { name: "Allow" }).click();
  await title(page, "Square reconnected");
  await button(page, "Done").click();
}

test("under the strictest policy the whole journey works and nothing is reported", async () => {
  const company = usual();
  const { url } = it.platform;
  const nonce = "c3RyaWN0";
  const policy = `default-src 'none'; script-src ${url} 'nonce-${nonce}'; connect-src ${url}; img-src ${url}; style-src 'none'; require-trusted-types-for 'script'; report-uri /csp-report`;
  const html = it
    .html(company, { options: OPTIONS, head: "" })
    .replace(/<style>.*?<\/style>/s, "")
    .replace('<script type="module">', `<script type="module" nonce="${nonce}">`);
  const page = await it.page();
  const complaints: string[] = [];
  page.on("console", (message) => /Content.Security|Trusted/i.test(message.text()) && complaints.push(message.text()));
  await page.addInitScript(
    "window.violations = []; addEventListener('securitypolicyviolation', (event) => window.violations.push(event.violatedDirective + ' ' + event.blockedURI))",
  );
  await page.goto(it.serve("/strict", { html, headers: { "Content-Security-Policy": policy } }));
  await journey(page);
  assert.deepEqual(await page.evaluate("window.violations"), []);
  assert.deepEqual(complaints, []);
  assert.deepEqual(it.reports, []);
  // The page does report violations of its policy:
  await page.evaluate(() => document.body.append(Object.assign(new Image(), { src: "http://127.0.0.1:9/x.png" })));
  await until(
    async () => ((await page.evaluate("window.violations")) as string[]).length === 1,
    "a report of our own making",
  );
});

test("logos of other origins are not fetched", async () => {
  const company = usual();
  company.connection("Xero").logoUrl = `${it.hostUrl}/tracker.svg`;
  const page = await it.page();
  const foreign: string[] = [];
  page.on("request", (request) => request.url().includes("tracker") && foreign.push(request.url()));
  await it.open(company, { page });
  await row(page, "Xero").waitFor();
  const initial = await page.locator(".logo").first().evaluate((logo) => getComputedStyle(logo, "::before").content);
  assert.equal(initial, '"X"');
  assert.deepEqual(foreign, []);
});

test("the versioned file can be pinned by the hash in version.json, and nothing else passes for it", async () => {
  const { version, integrity } = JSON.parse(readFileSync("dist/version.json", "utf8"));
  const page = await it.page();
  const load = (hash: string) =>
    page.evaluate(
      ([src, integrity]) =>
        new Promise((resolve) => {
          const script = document.createElement("script");
          Object.assign(script, { type: "module", crossOrigin: "anonymous", integrity, src });
          script.onload = () => resolve("runs");
          script.onerror = () => resolve("refused");
          document.head.append(script);
        }),
      [`${it.platform.url}/sdk/v${version}/connections.js`, hash] as const,
    );
  const blank = it.serve("/blank", { html: "<!doctype html><title>Blank</title>" });
  await page.goto(blank);
  assert.equal(await load(integrity), "runs");
  await page.goto(blank);
  assert.equal(await load(integrity.replace(/.{8}$/, "AAAAAAAA")), "refused");
});

test("a browser receives 15.5 kB for the list, 5 kB for the rest, and 2.5 kB for another language", async () => {
  const page = await it.page();
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const addresses = new Map<string, string>();
  const received = new Map<string, number>();
  session.on("Network.requestWillBeSent", ({ requestId, request }) => addresses.set(requestId, new URL(request.url).pathname));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) =>
    received.set(addresses.get(requestId)!, encodedDataLength),
  );
  await it.open(usual(), { page, options: { locale: "ar" } });
  await row(page, "Xero").waitFor();
  await until(() => [...received.keys()].some((address) => address.includes("/words/")), "the words have come");
  const parts = () => [...addresses.values()].filter((address) => address.includes("/parts/"));
  assert.deepEqual(parts(), [], "nothing more than the list needs");
  await row(page, "Xero").hover();
  await until(() => [...received.keys()].some((address) => address.includes("/parts/")), "the part has come");
  await row(page, "Square").focus();
  assert.equal(parts().length, 1, "once");
  const bytes = [...received].filter(([address]) => address.startsWith("/sdk/")).sort();
  assert.deepEqual(bytes.map(([address]) => address.replace(/\.\w+\.js(on)?$/, "")), ["/sdk/connections.js", "/sdk/parts/detail", "/sdk/words/ar"]);
  // With some 300 bytes of headers.
  for (const [at, most] of [15_800, 5_300, 2_800].entries()) assert.ok(bytes[at]![1] <= most, `${bytes[at]}`);
});

const EXAMPLE = `
  import React, { StrictMode, useEffect, useState } from "react";
  import { createRoot } from "react-dom/client";
  import { initCodatConnections, type CodatConnectionsProps, type DisconnectCallbackArgs } from "@codat/sdk-link-types/connections";
  const Wrapper: React.FC<CodatConnectionsProps> = (props: CodatConnectionsProps) => {
    const [target, setTarget] = useState<HTMLDivElement | null>(null);
    useEffect(() => {
      if (target && target.children.length === 0) initCodatConnections(target, props);
    }, [target]);
    return <div id="target" style={{ width: "460px", height: "840px", maxHeight: "95%" }} ref={setTarget}></div>;
  };
  const calls: unknown[] = ((window as any).calls = []);
  function App() {
    const [open, setOpen] = useState(true);
    return <>
      <button id="toggle" onClick={() => setOpen(!open)}>Toggle</button>
      {open && <Wrapper accessToken={(window as any).token} onClose={() => { calls.push(["close"]); setOpen(false); }}
        onError={(error) => calls.push(["error", error])} onReconnect={(args) => calls.push(["reconnect", args])}
        onDisconnect={(args: DisconnectCallbackArgs) => calls.push(["disconnect", args])} />}
    </>;
  }
  createRoot(document.getElementById("root")!).render(<StrictMode><App /></StrictMode>);`;

/** Bundles a host application as its own build would, with the built package under another name. */
async function bundle(source: string): Promise<string> {
  const packageJson = JSON.parse(readFileSync("package.json", "utf8"));
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: process.cwd(), loader: "tsx" },
    bundle: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"development"' },
    plugins: [
      {
        name: "npm-alias",
        setup(build) {
          build.onResolve(
            { filter: /^(@codat\/sdk-connections|@codat\/sdk-link-types|@moorline\/connections)/ },
            ({ path }) => {
              const subpath = path.replace(/^@[\w-]+\/[\w-]+/, ".");
              return { path: `${process.cwd()}/${packageJson.exports[subpath].import.default}` };
            },
          );
        },
      },
    ],
  });
  return outputFiles[0]!.text;
}

async function application(source: string, path: string, token: string, page: Page): Promise<void> {
  it.serve(`${path}.js`, { html: await bundle(source) });
  await page.addInitScript(`window.token = ${JSON.stringify(token)}`);
  await page.goto(
    it.serve(path, {
      html: `<!doctype html><html lang="en"><title>React</title><div id="root"></div><script type="module" src="${path}.js"></script></html>`,
    }),
  );
}

test("a React page for Codat's package works through an npm alias, under StrictMode, at the token's issuer", async () => {
  const company = usual();
  const page = await it.page();
  await application(EXAMPLE, "/react", company.token, page);
  await journey(page);
  assert.equal(await page.locator("#target > *").count(), 1);
  assert.deepEqual(
    (await calls(page)).map(([name]) => name),
    ["disconnect", "reconnect"],
  );
  await button(page, "Close").click();
  await until(() => company.streams.size === 0, "the stream closed when React took the element away");
});

test("our own React component follows its callbacks, and leaves with its element", async () => {
  const company = usual();
  const page = await it.page();
  const source = EXAMPLE.replace(
    /import \{ initCodat[^\n]*/,
    'import { Connections, type DisconnectCallbackArgs } from "@moorline/connections/react";',
  ).replace(/const Wrapper[\s\S]*?\n  \};/, "const Wrapper = (props: any) => <Connections id='target' {...props} />;");
  await application(source, "/react-own", company.token, page);
  await journey(page);
  assert.equal(await page.locator("#target > *").count(), 1);
  assert.deepEqual(
    (await calls(page)).map(([name]) => name),
    ["disconnect", "reconnect"],
  );
  await page.locator("#toggle").click();
  await until(() => company.streams.size === 0, "the stream closed");
});

test("mounting twice into one target leaves one component and one stream", async () => {
  const company = usual();
  const page = await it.open(company);
  await page.evaluate(
    async ([url, accessToken]) => {
      const { CodatConnections, initCodatConnections } = await import(`${url}/sdk/connections.js`);
      // Another version of the module shares the page.
      const other = await import(`${url}/sdk/v0.1.0/connections.js`);
      const target = document.querySelector("#target")!;
      new CodatConnections({ target, props: { accessToken } });
      other.initCodatConnections(target, { accessToken });
      initCodatConnections(target, { accessToken });
    },
    [it.platform.url, company.token],
  );
  await row(page, "Xero").waitFor();
  assert.equal(await page.locator("#target > *").count(), 1);
  await until(() => company.streams.size === 1, "one stream");
});

test("a hundred mounts and removals leave no element, request, timer or stream", async () => {
  const company = usual();
  const page = await it.page();
  await page.addInitScript(() => {
    const timers = new Set<number>();
    const { setTimeout: set, clearTimeout: clear, setInterval: every, fetch: ask } = window;
    const sent = { requests: 0 };
    Object.assign(window, {
      timers,
      sent,
      fetch: (...args: Parameters<typeof ask>) => ((sent.requests += 1), ask(...args)),
      setTimeout: (run: () => void, ms: number) => {
        const id = set(() => (timers.delete(id), run()), ms);
        timers.add(id);
        return id;
      },
      clearTimeout: (id: number) => (timers.delete(id), clear(id)),
      setInterval: (...args: Parameters<typeof every>) => (timers.add(-1), every(...args)),
    });
  });
  await it.open(company, { page });
  await row(page, "Xero").waitFor();
  await page.evaluate(
    async ([url, accessToken]) => {
      const { CodatConnections } = await import(`${url}/sdk/connections.js`);
      const target = document.querySelector("#target")!;
      const { sent } = window as unknown as { sent: { requests: number } };
      target.children[0]!.remove();
      for (let n = 0; n < 100; n++) {
        const before = sent.requests;
        new CodatConnections({ target, props: { accessToken } });
        // At every stage: before the first answer, during it, and with the list and the stream.
        await new Promise((resolve) => requestAnimationFrame(() => resolve(0)));
        const time = performance.now() + (n % 5) * 12;
        // The last of five has sent its request, however slow the machine is.
        const isEarly = () => performance.now() < time || (n % 5 === 4 && sent.requests === before);
        while (isEarly()) await new Promise((resolve) => requestAnimationFrame(resolve));
        // As in the examples, which remove the child or all of the target's content.
        if (n % 2) target.removeChild(target.children[0]!);
        else target.replaceChildren();
      }
    },
    [it.platform.url, company.token],
  );
  assert.equal(await page.locator("moorline-connections").count(), 0);
  await until(() => company.streams.size === 0, "no stream left");
  const timers = () => page.evaluate(() => (window as unknown as { timers: Set<number> }).timers.size);
  await until(async () => (await timers()) === 0, "no timer left");
  const requests = company.requests.length;
  assert.ok(requests >= 20, "many mounts sent a request");
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  assert.equal(company.requests.length, requests, "no request after the last removal");
});

test("removing the component while a request hangs ends the request", async () => {
  const company = usual();
  company.answers.view = "hang";
  const page = await it.open(company);
  await until(() => company.hanging.size === 1, "a request under way");
  await page.evaluate(() => document.querySelector("#target")!.remove());
  await until(() => company.hanging.size === 0, "the request ended");
});

test("an element that is only moved stays alive", async () => {
  const company = usual();
  const page = await it.open(company);
  await row(page, "Xero").waitFor();
  await page.evaluate(() => {
    const element = document.querySelector("moorline-connections")!;
    const elsewhere = document.createElement("div");
    document.body.append(elsewhere);
    elsewhere.append(element);
  });
  company.change("Xero", { status: "Deauthorized" });
  await row(page, "Xero Needs attention").waitFor();
});

test("callbacks that throw break nothing, and their errors are reported to the page", async () => {
  const company = usual();
  const page = await it.page();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await it.open(company, {
    page,
    props:
      "onDisconnect() { throw new Error('host disconnect') }, onReconnect() { throw new Error('host reconnect') }, onClose() { throw new Error('host close') }",
  });
  await journey(page);
  await button(page, "Close").click();
  await until(() => errors.length === 3, "three errors of the host's own");
  assert.deepEqual(errors, ["host disconnect", "host reconnect", "host close"]);
  await page.getByRole("heading", { name: "Square" }).waitFor();
});

test("callbacks that remove the component break nothing", async () => {
  for (const callback of ["onDisconnect", "onReconnect", "onError", "onClose"]) {
    const company = usual();
    const page = await it.page();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    if (callback === "onError") company.answers.view = 500;
    await it.open(company, {
      page,
      props: `${callback}() { window.calls.push(["${callback}"]); document.querySelector("#target").replaceChildren(); }`,
    });
    if (callback === "onDisconnect") {
      await row(page, "Xero").click();
      await button(page, "Disconnect").click();
      await button(page, "Disconnect").click();
    } else if (callback === "onReconnect") {
      await until(() => company.streams.size === 1, "the stream open");
      company.change("Square", { status: "Linked" });
    } else if (callback === "onClose") {
      await button(page, "Close").click();
    }
    await until(async () => (await calls(page)).length === 1, callback);
    await until(() => company.streams.size === 0, "no stream left");
    assert.equal(await page.locator("moorline-connections").count(), 0);
    assert.deepEqual(errors, []);
    await page.context().close();
  }
});

test("every callback runs in the zone of the call that mounted the component, wherever the component has waited since", async () => {
  const zone = readFileSync("node_modules/zone.js/bundles/zone.umd.js", "utf8");
  it.serve("/zone.js", { html: zone });
  const logged = (name: string) => `(args) => window.calls.push(["${name}", { zone: Zone.current.name, ...args }])`;
  const props = `getAccessToken: async () => { window.zoneOfRequest = Zone.current.name; return window.fresh; },
    onClose: ${logged("close")}, onError: ${logged("error")}, onDisconnect: ${logged("disconnect")}, onReconnect: ${logged("reconnect")}`;
  for (const way of ["class", "element"] as const) {
    const company = usual();
    const page = await it.page();
    const mount = {
      class: `new CodatConnections({ target: document.querySelector("#target"), props });`,
      element: `const element = document.createElement("moorline-connections");
        element.props = props;
        // Whoever puts the element on the page may be another part of it.
        Zone.root.run(() => document.querySelector("#target").append(element));`,
    }[way];
    await page.goto(
      it.serve(`/zone-${way}`, {
        html: `<!doctype html><html lang="en"><title>Zone</title><main id="target"></main><script src="/zone.js"></script><script type="module">
          import { CodatConnections } from "${it.platform.url}/sdk/connections.js";
          window.calls = [];
          const props = { accessToken: ${JSON.stringify(company.token)}, ${props} };
          Zone.current.fork({ name: "the host's" }).run(() => { ${mount} });
          </script></html>`,
      }),
    );
    await page.evaluate((fresh) => Object.assign(window, { fresh }), company.newToken());
    await row(page, "Xero").waitFor();
    company.tokens.delete(company.token);
    await journey(page);
    company.tokens.clear();
    await page.evaluate(() => window.dispatchEvent(new Event("focus")));
    await until(async () => (await calls(page, "error")).length > 0, "an error");
    await button(page, "Close").first().click();
    assert.deepEqual(
      (await calls(page)).map(([name, args]) => `${name} in ${args["zone"]}`),
      ["disconnect", "reconnect", "error", "close"].map((name) => `${name} in the host's`),
    );
    assert.equal(await page.evaluate("window.zoneOfRequest"), "the host's");
    await page.context().close();
  }
});

test("without any callback everything works, and Close closes", async () => {
  const company = usual();
  const page = await it.page();
  await it.open(company, {
    page,
    props: "onClose: undefined, onError: undefined, onDisconnect: undefined, onReconnect: undefined",
  });
  await journey(page);
  await button(page, "Close").click();
  assert.equal(await page.locator("#target > *").count(), 0);
});

test("the element can be written into a page, and opens when it has its props", async () => {
  const company = usual();
  const page = await it.page();
  await page.goto(
    it.serve("/element", {
      html: `<!doctype html><html lang="en"><title>Element</title><moorline-connections></moorline-connections><script type="module">
        document.querySelector("moorline-connections").props = { accessToken: ${JSON.stringify(company.token)} };
        await import("${it.platform.url}/sdk/connections.js");</script></html>`,
    }),
  );
  await row(page, "Xero").waitFor();
  await page.evaluate(() => {
    const element = document.querySelector("moorline-connections")!;
    element.remove();
    Object.assign(window, { element });
  });
  await until(() => company.streams.size === 0, "the stream closed");
  await page.evaluate(() => document.body.append((window as unknown as { element: Element }).element));
  await row(page, "Xero").waitFor();
});

test("focus elsewhere on the page is left alone when the server changes the view", async () => {
  const company = usual();
  const page = await it.open(company, { head: "" });
  await page.evaluate(() => document.body.prepend(document.createElement("input")));
  await row(page, "Square").click();
  await button(page, "Reconnect").click();
  await title(page, "Reconnect Square");
  await page.locator("input").focus();
  company.change("Square", { status: "Linked" });
  await title(page, "Square reconnected");
  assert.match(await focused(page), /^input/);
});

const HOSTILE = [
  "* { all: unset }",
  "*, ::before, ::after { box-sizing: content-box !important; margin: 9px !important; padding: 7px !important; border: 3px solid red !important; font: italic 30px serif !important; color: lime !important; float: left !important; letter-spacing: 4px !important; text-transform: uppercase !important }",
  "html { font-size: 62.5%; line-height: 3; text-align: right; word-spacing: 1em } div, section, p, button, h2, ul { display: none } .card, .row, .body, .button, .badge { background: red; transform: rotate(4deg) } svg, img { max-width: 3px; vertical-align: top } moorline-connections { opacity: .2; display: inline; zoom: 2; filter: blur(3px) }",
];
test("hostile rules on the host's page change at most one pixel in a thousand", async () => {
  const shots: string[] = [];
  for (const css of ["", ...HOSTILE]) {
    const company = usual();
    const page = await it.page();
    // Only the target keeps its position and size.
    const frame =
      "#target { all: initial !important; display: block !important; position: fixed !important; inset: 0 !important; color-scheme: light !important }";
    await it.open(company, { page, head: `<style>${css}\n${frame}</style>` });
    await row(page, "Xero").click();
    await page.locator(".timeline li").first().waitFor();
    await page.locator("moorline-connections img").evaluate((image: HTMLImageElement) => image.decode());
    await page.mouse.move(0, 0);
    shots.push((await page.screenshot()).toString("base64"));
    await page.context().close();
  }
  const page = await it.page();
  const differences = await page.evaluate(async (shots) => {
    const pixels = await Promise.all(
      shots.map(async (shot) => {
        const image = new Image();
        image.src = `data:image/png;base64,${shot}`;
        await image.decode();
        const context = new OffscreenCanvas(image.width, image.height).getContext("2d")!;
        context.drawImage(image, 0, 0);
        return context.getImageData(0, 0, image.width, image.height).data;
      }),
    );
    return pixels.slice(1).map((other) => {
      let different = 0;
      for (let at = 0; at < other.length; at += 4) {
        if ([0, 1, 2].some((channel) => Math.abs(other[at + channel]! - pixels[0]![at + channel]!) > 8)) different++;
      }
      return different / (other.length / 4);
    });
  }, shots);
  for (const [index, difference] of differences.entries()) {
    assert.ok(difference <= 0.001, `${(difference * 100).toFixed(3)} % differ under: ${HOSTILE[index]}`);
  }
});

test("text on a button keeps 4.5:1 with any of a thousand primary colours, at rest and under the pointer", async () => {
  for (const colorScheme of ["light", "dark"] as const) {
    const company = it.platform.company([{ status: "Unlinked" }]);
    const page = await it.open(company, { context: { colorScheme } });
    await row(page, "Xero").click();
    const reconnect = button(page, "Reconnect");
    for (const hovering of [false, true]) {
      if (hovering) await reconnect.hover();
      else await page.mouse.move(0, 0);
      const lowest = await reconnect.evaluate((element) => {
        const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true })!;
        const luminance = (colour: string) => {
          context.fillStyle = colour;
          context.fillRect(0, 0, 1, 1);
          const [r, g, b] = Array.from(context.getImageData(0, 0, 1, 1).data, (value) => {
            const share = value / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
        };
        let seed = 20_261_121;
        const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
        let worst: [number, string] = [21, ""];
        const seen = new Set<string>();
        for (let n = 0; n < 1_000; n++) {
          const [a, b, c] = [random(), random(), random()];
          const colour = [
            `rgb(${Math.floor(a * 256)} ${Math.floor(b * 256)} ${Math.floor(c * 256)})`,
            `hsl(${a * 360} ${b * 100}% ${c * 100}% / ${b})`,
            `oklch(${a} ${b * 0.4} ${c * 360})`,
            `rgb(${n % 256} ${n % 256} ${n % 256})`,
          ][n % 4]!;
          document.documentElement.style.setProperty("--moorline-primary", colour);
          const style = getComputedStyle(element);
          seen.add(style.backgroundColor);
          const [light, dark] = [luminance(style.color), luminance(style.backgroundColor)].sort((x, y) => y - x);
          const ratio = (light! + 0.05) / (dark! + 0.05);
          if (ratio < worst[0]) worst = [ratio, colour];
        }
        return { worst, seen: seen.size };
      });
      assert.ok(lowest.seen > 700, `the colours are used (${lowest.seen})`);
      assert.ok(lowest.worst[0] >= 4.5, `${lowest.worst[0].toFixed(2)}:1 with ${lowest.worst[1]}`);
    }
  }
});

test("light and dark follow the page, unless the host sets a theme", async () => {
  const background = (page: Page) => page.locator(".card").evaluate((card) => getComputedStyle(card).backgroundColor);
  const light = "rgb(255, 255, 255)";
  for (const [system, pageScheme, theme, isLight] of [
    ["dark", "light", undefined, true],
    ["dark", "light dark", undefined, false],
    ["light", "light dark", undefined, true],
    ["light", "light", "dark", false],
    ["dark", "dark", "light", true],
    ["dark", "light", "system", false],
  ] as const) {
    const page = await it.open(usual(), {
      context: { colorScheme: system },
      options: { theme },
      head: `<style>:root { color-scheme: ${pageScheme} !important }</style>`,
    });
    await row(page, "Xero").waitFor();
    assert.equal((await background(page)) === light, isLight, `${system}, page ${pageScheme}, theme ${theme}`);
    await page.context().close();
  }
});

test("from constructor to painted list takes at most 80 ms in the middle of 50 mounts, 200 ms for all but two", async () => {
  const company = usual();
  const page = await it.open(company);
  await row(page, "Xero").waitFor();
  const fifty = () =>
    page.evaluate(
      async ([url, accessToken]) => {
        const { CodatConnections } = await import(`${url}/sdk/connections.js`);
        const target = document.querySelector("#target")!;
        const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
        const lists: number[] = [];
        const skeletons: number[] = [];
        for (let n = 0; n < 50; n++) {
          target.replaceChildren();
          await frame();
          const start = performance.now();
          new CodatConnections({ target, props: { accessToken } });
          const { shadowRoot } = target.children[0]!;
          if (shadowRoot!.querySelector(".bone")) skeletons.push(performance.now() - start);
          while (!shadowRoot!.querySelector("button.row")) await new Promise((resolve) => setTimeout(resolve));
          await frame();
          lists.push(performance.now() - start);
        }
        const sorted = (times: number[]) => times.sort((a, b) => a - b);
        return { skeletons: sorted(skeletons), lists: sorted(lists) };
      },
      [it.platform.url, company.token],
    );
  // A busy machine only adds time, so the best of five rounds is closest to the component's own time.
  const rounds: string[] = [];
  for (let round = 0; round < 5; round++) {
    const { skeletons, lists } = await fifty();
    assert.equal(skeletons.length, 50, "a skeleton is there when the constructor returns");
    const [skeleton, p50, p95] = [skeletons[47]!, lists[25]!, lists[47]!];
    if (skeleton <= 50 && p50 <= 80 && p95 <= 200) return;
    rounds.push(`skeleton ${skeleton.toFixed()} ms, p50 ${p50.toFixed()} ms, p95 ${p95.toFixed()} ms`);
  }
  assert.fail(rounds.join("; "));
});
