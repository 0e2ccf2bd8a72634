// node validate.mjs FILE… — prints the Khronos validator's report as one JSON line a file.
import { readFileSync } from "node:fs";
import validator from "gltf-validator";

for (const file of process.argv.slice(2)) {
  const { issues } = await validator.validateBytes(new Uint8Array(readFileSync(file)), { maxIssues: 50 });
  const counts = { errors: issues.numErrors, warnings: issues.numWarnings, infos: issues.numInfos };
  console.log(JSON.stringify({ file, ...counts, messages: issues.messages }));
}
