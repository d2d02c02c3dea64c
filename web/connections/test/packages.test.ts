/** The package as a project has it: packed, installed, and built with each framework by the lines of the README. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import { build, type BuildOptions, type Plugin } from "esbuild";
import { compile } from "svelte/compiler";
import { compileScript, parse } from "vue/compiler-sfc";
import { USUAL } from "./states";
import { button, row, until, world } from "./world";

const it = world();
const APP = `${process.cwd()}/node_modules/.cache/app`;
const readme = readFileSync("README.md", "utf8");

before(() => {
  rmSync(APP, { recursive: true, force: true });
  mkdirSync(APP, { recursive: true });
  const npm = (...args: string[]) => execFileSync("npm", args, { cwd: APP, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const packed = npm("pack", "--silent", "--ignore-scripts", process.cwd()).trim();
  const file = `file:./${packed}`;
  const dependencies = { "@moorline/connections": file, "@codat/sdk-connections": file, "@codat/sdk-link-types": file };
  writeFileSync(`${APP}/package.json`, JSON.stringify({ name: "app", private: true, dependencies }));
  // React and Vue are optional peers, which the frameworks of this folder stand in for.
  npm("install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps");
});

/** The README's first code block below a heading. */
function lines(heading: string): string {
  const [, code] = new RegExp(`#### ${heading}\\n[^#]*?\`\`\`\\w+\\n([^]*?)\`\`\``).exec(readme) ?? [];
  assert.ok(code, `The README has lines for ${heading}`);
  return code;
}

const vue: Plugin = {
  name: "vue",
  setup(build) {
    build.onLoad({ filter: /\.vue$/ }, ({ path }) => {
      const { descriptor } = parse(readFileSync(path, "utf8"));
      const { content } = compileScript(descriptor, { id: "app", inlineTemplate: true });
      return { contents: content, loader: "ts" };
    });
  },
};
const svelte: Plugin = {
  name: "svelte",
  setup(build) {
    build.onLoad({ filter: /\.svelte$/ }, ({ path }) => ({
      contents: compile(readFileSync(path, "utf8"), { filename: path, generate: "client" }).js.code,
      loader: "js",
    }));
  },
};

interface Framework {
  /** The README's component, and an application that shows it until Close. */
  files: Record<string, string>;
  settings?: BuildOptions;
}

const FRAMEWORKS: Record<string, Framework> = {
  React: {
    files: {
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
  },
  Vue: {
    files: {
      "ManageConnections.vue": lines("Vue"),
      "main.js": `import { createApp, h, ref } from "vue";
        import ManageConnections from "./ManageConnections.vue";
        const open = ref(true);
        createApp(() => open.value && h(ManageConnections, { accessToken: window.token, onClose: () => (open.value = false) })).mount("#root");`,
    },
    settings: {
      plugins: [vue],
      define: {
        __VUE_OPTIONS_API__: "true",
        __VUE_PROD_DEVTOOLS__: "false",
        __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
      },
    },
  },
  Svelte: {
    files: {
      "ManageConnections.svelte": lines("Svelte"),
      "App.svelte": `<script>
          import ManageConnections from "./ManageConnections.svelte";
          let open = $state(true);
        </script>
        {#if open}<ManageConnections accessToken={window.token} onClose={() => (open = false)} />{/if}`,
      "main.js": `import { mount } from "svelte"; import App from "./App.svelte"; mount(App, { target: document.querySelector("#root") });`,
    },
    settings: { plugins: [svelte], conditions: ["browser", "svelte"] },
  },
  Angular: {
    files: {
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
    settings: {
      target: "es2016",
      tsconfigRaw: { compilerOptions: { experimentalDecorators: true, useDefineForClassFields: false } },
    },
  },
};

for (const [name, { files, settings }] of Object.entries(FRAMEWORKS)) {
  test(`${name} builds with the README's lines, shows the component, and takes it away on Close`, async () => {
    const folder = `${APP}/${name}`;
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(`${folder}/${file}`, text);
    const { outputFiles } = await build({
      entryPoints: [`${folder}/${Object.keys(files).find((file) => file.startsWith("main."))}`],
      absWorkingDir: APP,
      bundle: true,
      write: false,
      format: "esm",
      jsx: "automatic",
      target: "es2022",
      logLevel: "error",
      ...settings,
      define: { "process.env.NODE_ENV": '"production"', ...settings?.define },
    });
    const code = outputFiles![0]!.text;
    assert.ok(!code.replaceAll(/^\s*\/\/.*$/gm, "").includes(process.cwd()), "no path of this machine");
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

function run(args: string[]): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: APP, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

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

for (const [compiler, module, resolution] of [
  ["typescript", "esnext", "bundler"],
  ["typescript", "node16", "node16"],
  ["typescript-4.9", "node16", "node16"],
  ["typescript-4.9", "esnext", "node"],
] as const) {
  test(`${compiler} finds the types by "${resolution}", in ES modules and in CommonJS, in React too`, () => {
    const files = { "page.mts": PAGE, "page.cts": PAGE, "page.tsx": REACT_PAGE };
    for (const [file, text] of Object.entries(files)) writeFileSync(`${APP}/${file}`, text);
    // React's own types are beyond 4.9.
    const wanted = Object.keys(files).filter((file) => compiler === "typescript" || file !== "page.tsx");
    const common = { noEmit: true, strict: true, types: [], target: "es2022", lib: ["es2022", "dom"], jsx: "react-jsx" };
    const compilerOptions = { ...common, module, moduleResolution: resolution };
    writeFileSync(`${APP}/tsconfig.json`, JSON.stringify({ compilerOptions, files: wanted }));
    const tsc = [`${process.cwd()}/node_modules/${compiler}/bin/tsc`, "-p", "."];
    const { stdout, status } = spawnSync(process.execPath, tsc, { cwd: APP, encoding: "utf8" });
    assert.equal(status, 0, stdout);
  });
}
