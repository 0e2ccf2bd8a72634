import { defineConfig } from "vite";

const bridge = "http://127.0.0.1:7788";

export default defineConfig({
  base: "./",
  // three.js is one module of its own; the page comes from this very machine, so one file is as good as many.
  // The licences of what is bundled go with it.
  build: { chunkSizeWarningLimit: 1500, assetsInlineLimit: 0, license: { fileName: "licenses.md" } },
  server: {
    host: "127.0.0.1",
    fs: { allow: [".", "../retarget.json"] },
    proxy: { "/rigcast": { target: bridge, ws: true }, "/avatar.vrm": bridge },
  },
});
