import { appendFileSync, readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

const bridge = "http://127.0.0.1:7788";

/** protobuf-es ships no licence file: its Apache-2.0 text is Rigcast's own, Google's part says its terms at its top. */
function protobufLicences(): Plugin {
  const apache = () => readFileSync("../../LICENSE", "utf8");
  const google = () => readFileSync("node_modules/@bufbuild/protobuf/dist/esm/wire/varint.js", "utf8").split("/**")[0]!;
  const texts = () => `\n## @bufbuild/protobuf: its licences\n\nCopyright Buf Technologies, Inc.\n\n${apache()}\n${google()}`;
  return { name: "protobuf-licences", apply: "build", closeBundle: () => appendFileSync("dist/licenses.md", texts()) };
}

export default defineConfig({
  plugins: [protobufLicences()],
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
