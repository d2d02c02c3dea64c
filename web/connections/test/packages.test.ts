/** The package as a project has it: packed, installed, and built with each framework by the lines of the README. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { built, check, COMPILERS, install, lines, run } from "./packing";
import { USUAL } from "./states";
import { button, row, until, world } from "./world";

const it = world();

before(() => install("@moorline/connections", "@codat/sdk-connections", "@codat/sdk-link-types"));

/** The README's component, and an application that shows it until Close. */
const FRAMEWORKS: Record<string, Record<string, string>> = {
  React: {
    "ManageConnections.jsx": lines("React, Next"),
    "main.jsx": `import { StrictMode, useState } from "react";
      import { createRoot } from "react-dom/client";
      import { ManageConnections } from "./ManageConnections.jsx";
      function App() {
        const [open, setOpen] = useState(true);
        return open && <ManageConnections accessToken={window.token} onClose={() => setOpen(false)} />;
      }
      createRoot(document.querySelector("#root")).render(<StrictMode><App /></StrictMode>);`,
  },
  Vue: {
    "ManageConnections.vue": lines("Vue"),
    "main.js": `import { createApp, h, ref } from "vue";
      import ManageConnections from "./ManageConnections.vue";
      const open = ref(true);
      createApp(() => open.value && h(ManageConnections, { accessToken: window.token, onClose: () => (open.value = false) })).mount("#root");`,
  },
  Svelte: {
    "ManageConnections.svelte": lines("Svelte"),
    "App.svelte": `<script>
        import ManageConnections from "./ManageConnections.svelte";
        let open = $state(true);
      </script>
      {#if open}<ManageConnections accessToken={window.token} onClose={() => (open = false)} />{/if}`,
    "main.js": `import { mount } from "svelte"; import App from "./App.svelte"; mount(App, { target: document.querySelector("#root") });`,
  },
  Angular: {
    "connections.component.ts": lines("Angular"),
    // As in an application of Angular's command line: zone.js first, and no native \`await\` in the application.
    "main.ts": `import "zone.js";
      import "@angular/compiler";
      import { Component } from "@angular/core";
      import { bootstrapApplication } from "@angular/platform-browser";
      import { ConnectionsComponent } from "./connections.component";
      @Component({
        selector: "app-root",
        imports: [ConnectionsComponent],
        template: \`@if (open) { <app-connections [accessToken]="accessToken" (closed)="open = false" /> }\`,
      })
      class App { open = true; accessToken = (window as any).token; }
      document.querySelector("#root")!.append(document.createElement("app-root"));
      bootstrapApplication(App);`,
  },
};

for (const [name, files] of Object.entries(FRAMEWORKS)) {
  test(`${name} builds with the README's lines, shows the component, and takes it away on Close`, async () => {
    const code = await built(name, files);
    const company = it.platform.company(structuredClone(USUAL));
    const page = await it.page();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await page.addInitScript(`window.token = ${JSON.stringify(company.token)}`);
    it.serve(`/${name}.js`, { html: code });
    await page.goto(
      it.serve(`/${name}`, {
        html: `<!doctype html><html lang="en"><title>${name}</title><div id="root"></div><script type="module" src="/${name}.js"></script></html>`,
      }),
    );
    await row(page, "Xero").click();
    await page.locator(".timeline li").first().waitFor();
    await button(page, "Back").click();
    await row(page, "Xero").waitFor();
    await until(() => company.streams.size === 1, "one stream");
    await button(page, "Close").click();
    await page.locator("moorline-connections").waitFor({ state: "detached" });
    await until(() => company.streams.size === 0, "the stream closed");
    assert.deepEqual(errors, []);
    await page.context().close();
  });
}

test("a server renders the React component, as Next does first", () => {
  const script = `import { createElement } from "react"; import { renderToString } from "react-dom/server";
    import { Connections } from "@moorline/connections/react";
    console.log(renderToString(createElement(Connections, { accessToken: "x", className: "connections" })));`;
  assert.equal(run(["--input-type=module", "-e", script]), '<div class="connections"></div>');
  for (const file of ["react.js", "react.cjs"]) assert.match(readFileSync(`dist/${file}`, "utf8"), /^"use client";/);
});

test("CommonJS loads the package by require", () => {
  const script = `const { mount, CodatConnections } = require("@codat/sdk-connections");
    console.log([typeof mount, typeof CodatConnections, typeof require("@moorline/connections/react").Connections, typeof require("@moorline/connections/svelte").connections, require("@moorline/connections/vue").Connections.name].join())`;
  assert.equal(run(["-e", script]), "function,function,function,function,MoorlineConnections");
});

const PAGE = `import { CodatConnections, CodatConnectionsProps, CodatTextOptions, initCodatConnections, DisconnectCallbackArgs, ErrorCallbackArgs, ReconnectCallbackArgs } from "@codat/sdk-link-types/connections";
import { mount, HTMLMoorlineConnectionsElement } from "@codat/sdk-connections";
import { connections } from "@moorline/connections/svelte";
const text: CodatTextOptions = { "accounting.connectionDetails.dataTypes": ["Invoices"], "main.title": "Ours" };
const props: CodatConnectionsProps = { accessToken: "x", onClose() {}, onError: (e: ErrorCallbackArgs) => void e.message, onDisconnect: (c: DisconnectCallbackArgs) => void c.connectionId, onReconnect: (c: ReconnectCallbackArgs) => void c.connectionId, options: { text } };
new CodatConnections({ target: document.body, props });
const opened: Promise<void> = initCodatConnections(document.body, props);
void opened.then(() => mount(document.body, props).destroy());
connections(document.body, props).destroy();
const element: HTMLMoorlineConnectionsElement | null = document.querySelector("moorline-connections");
if (element) element.props = props;
`;
const REACT_PAGE = `import { Connections } from "@moorline/connections/react";
export const page = <><Connections accessToken="x" className="y" /><moorline-connections props={{ accessToken: "x" }} /></>;
`;

for (const compiler of COMPILERS) {
  test(`${compiler[0]} finds the types by "${compiler[2]}", in ES modules and in CommonJS, in React too`, () => check(compiler, PAGE, REACT_PAGE));
}
