import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The browser's part: a page, one script and one style sheet, nothing inline (the page's CSP forbids it). */
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "dist/client",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    target: "es2022",
  },
});
