// node validate.mjs FILE… — prints the Khronos validator's report as one JSON line a file.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const base = process.env.AVATAR_NODE_MODULES ? join(process.env.AVATAR_NODE_MODULES, "x.js") : import.meta.url;
const validator = createRequire(base)("gltf-validator");
for (const file of process.argv.slice(2)) {
  const { issues } = await validator.validateBytes(new Uint8Array(readFileSync(file)), { maxIssues: 50 });
  console.log(JSON.stringify({ file, errors: issues.numErrors, warnings: issues.numWarnings, infos: issues.numInfos, messages: issues.messages }));
}
