import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The browser's part: a page, one script and one style sheet; inline code is against the page's policy. */
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
