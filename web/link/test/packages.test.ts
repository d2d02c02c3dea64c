/** The package as a project has it: packed, installed, and built with each framework by the lines of the README. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { built, check, COMPILERS, install, lines, run } from "../../connections/test/packing";
import { depart, PLATFORMS, toConsent } from "./states";
import { button, title, until, world } from "./world";

const it = world();

before(() => install("@moorline/link", "@codat/sdk-link-types"));

/** The README's component, and an application that shows it until it is done. */
const FRAMEWORKS: Record<string, Record<string, string>> = {
  React: {
    "ConnectPlatforms.jsx": lines("React, Next"),
    "main.jsx": `import { StrictMode, useState } from "react";
      import { createRoot } from "react-dom/client";
      import { ConnectPlatforms } from "./ConnectPlatforms.jsx";
      function App() {
        const [open, setOpen] = useState(true);
        return open && <ConnectPlatforms {...window.given} onDone={() => setOpen(false)} />;
      }
      createRoot(document.querySelector("#root")).render(<StrictMode><App /></StrictMode>);`,
  },
  Vue: {
    "ConnectPlatforms.vue": lines("Vue"),
    "main.js": `import { createApp, h, ref } from "vue";
      import ConnectPlatforms from "./ConnectPlatforms.vue";
      const open = ref(true);
      createApp(() => open.value && h(ConnectPlatforms, { ...window.given, onDone: () => (open.value = false) })).mount("#root");`,
  },
  Svelte: {
    "ConnectPlatforms.svelte": lines("Svelte"),
    "App.svelte": `<script>
        import ConnectPlatforms from "./ConnectPlatforms.svelte";
        let open = $state(true);
      </script>
      {#if open}<ConnectPlatforms {...window.given} onDone={() => (open = false)} />{/if}`,
    "main.js": `import { mount } from "svelte"; import App from "./App.svelte"; mount(App, { target: document.querySelector("#root") });`,
  },
  Angular: {
    "link.component.ts": lines("Angular"),
    // As in an application of Angular's command line: zone.js first, and no native \`await\` in the application.
    "main.ts": `import "zone.js";
      import "@angular/compiler";
      import { Component } from "@angular/core";
      import { bootstrapApplication } from "@angular/platform-browser";
      import { LinkComponent } from "./link.component";
      @Component({
        selector: "app-root",
        imports: [LinkComponent],
        template: \`@if (open) { <app-link [companyId]="given.companyId" [accessToken]="given.accessToken" (done)="open = false" /> }\`,
      })
      class App { open = true; given = (window as any).given; }
      document.querySelector("#root")!.append(document.createElement("app-root"));
      bootstrapApplication(App);`,
  },
};

for (const [name, files] of Object.entries(FRAMEWORKS)) {
  test(`${name} builds with the README's lines, connects a platform, and takes Link away on Complete`, async () => {
    const code = await built(name, files);
    const company = it.platform.company(PLATFORMS);
    const page = await it.page();
    const said: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    await page.addInitScript(`window.given = ${JSON.stringify({ companyId: company.id, accessToken: company.token })}`);
    it.serve(`/${name}.js`, code);
    await page.goto(
      it.serve(`/${name}`, `<!doctype html><html lang="en"><title>${name}</title><div id="root"></div><script type="module" src="/${name}.js"></script></html>`),
    );
    await toConsent(page);
    await depart(page);
    company.link("Xero");
    await title(page, "Xero is connected");
    await until(() => said.includes("Xero"), "onConnection");
    await button(page, "Continue").click();
    await until(() => company.streams.size === 1, "one stream");
    await button(page, "Complete").click();
    await page.locator("moorline-link").waitFor({ state: "detached" });
    await until(() => company.streams.size === 0, "the stream closed");
    await page.context().close();
  });
}

test("the element opens when it has props, follows them, and may be moved and come back", async () => {
  const company = it.platform.company(PLATFORMS);
  const page = await it.page();
  it.serve(
    "/element.js",
    `const early = document.createElement("moorline-link");
    early.props = ${JSON.stringify({ companyId: company.id, accessToken: company.token })};
    document.querySelector("main").append(early);
    window.early = early;
    window.left = 0;
    window.more = () => (early.props = { ...early.props, onClose: () => (window.left += 1) });
    await import("${it.platform.url}/sdk/link.js");`,
  );
  await page.goto(it.serve("/element", `<!doctype html><html lang="en"><title>Host</title><main></main><footer></footer><script type="module" src="/element.js"></script></html>`));
  await button(page, "Connect Accounting").waitFor();
  assert.equal(await button(page, "Close").count(), 0, "no X without a callback");
  await page.evaluate("window.more()");
  await button(page, "Close").click();
  await button(page, "Exit without saving").click();
  assert.equal(await page.evaluate("window.left"), 1);
  await page.evaluate(`document.querySelector("footer").append(window.early)`);
  await page.evaluate("new Promise((resolve) => setTimeout(resolve))");
  assert.equal(company.streams.size, 1, "only moved, it stays alive");
  await page.evaluate("window.early.remove()");
  await until(() => company.streams.size === 0, "the stream closed");
  await page.evaluate(`document.querySelector("main").append(window.early)`);
  await button(page, "Connect Accounting").waitFor();
  await until(() => company.streams.size === 1, "one stream again");
  await page.context().close();
});

test("a server renders the React component, as Next does first", () => {
  const script = `import { createElement } from "react"; import { renderToString } from "react-dom/server";
    import { Link } from "@moorline/link/react";
    console.log(renderToString(createElement(Link, { companyId: "c", accessToken: "x", className: "link" })));`;
  assert.equal(run(["--input-type=module", "-e", script]), '<div class="link"></div>');
  for (const file of ["react.js", "react.cjs"]) assert.match(readFileSync(`dist/${file}`, "utf8"), /^"use client";/);
});

test("CommonJS loads the package by require", () => {
  const script = `const { mount, CodatLink } = require("@codat/sdk-link-types");
    console.log([typeof mount, typeof CodatLink, typeof require("@moorline/link/react").Link, typeof require("@moorline/link/svelte").link, require("@moorline/link/vue").Link.name].join())`;
  assert.equal(run(["-e", script]), "function,function,function,function,MoorlineLink");
});

const PAGE = `import { CodatLink, CodatLinkProps, CodatLinkOptions, initializeCodatLink, ConnectionCallbackArgs, ErrorCallbackArgs } from "@codat/sdk-link-types";
import { CodatConnections } from "@codat/sdk-link-types/connections";
import { mount, HTMLMoorlineLinkElement } from "@moorline/link";
import { link } from "@moorline/link/svelte";
const options: CodatLinkOptions = { showLandingPage: true, text: { "main.title": "Ours" } };
const props: CodatLinkProps = { companyId: "c", accessToken: "x", onConnection: (c: ConnectionCallbackArgs) => void c.connectionId, onError: (e: ErrorCallbackArgs) => void e.message, onFinish() {}, onClose() {}, options };
new CodatLink({ target: document.body, props });
new CodatConnections({ target: document.body, props: { accessToken: "x" } });
const opened: Promise<void> = initializeCodatLink(document.body, props);
void opened.then(() => mount(document.body, props).destroy());
link(document.body, props).destroy();
const element: HTMLMoorlineLinkElement | null = document.querySelector("moorline-link");
if (element) element.props = props;
`;
const REACT_PAGE = `import { Link } from "@moorline/link/react";
const props = { companyId: "c", accessToken: "x", onConnection() {}, onError() {}, onFinish() {} };
export const page = <><Link {...props} className="y" /><moorline-link props={props} /></>;
`;

for (const compiler of COMPILERS) {
  test(`${compiler[0]} finds the types by "${compiler[2]}", in ES modules and in CommonJS, in React too`, () => check(compiler, PAGE, REACT_PAGE));
}
