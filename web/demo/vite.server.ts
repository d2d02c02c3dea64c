import { defineConfig } from "vite";

/** The server's part: our own code in one file; the official clients stay in node_modules. */
export default defineConfig({
  publicDir: false,
  build: {
    ssr: "src/server/main.ts",
    outDir: "dist",
    emptyOutDir: false,
    target: "node20",
    rollupOptions: { output: { entryFileNames: "server.js" } },
  },
});
