// node shots.mjs plan.json — draws the pictures of a plan in headless Chromium and puts them on one sheet.
// plan: {out, columns, size: [w, h], shots: [{file, view, curves, presets, bones, seconds, label}]}
import { createServer } from "node:http";
import { readFileSync, existsSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const modules = process.env.AVATAR_NODE_MODULES ?? join(here, "node_modules");
const types = { ".html": "text/html", ".mjs": "text/javascript", ".js": "text/javascript", ".json": "application/json" };
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"];

function serve(files) {
  return createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
    const file = path.startsWith("/file/") ? files[Number(path.slice(6))]
      : path.startsWith("/node_modules/") ? join(modules, path.slice(14)) : join(here, path);
    if (!file || !existsSync(file)) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" }).end(readFileSync(file));
  });
}

const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));
const files = [...new Set(plan.shots.map((shot) => resolve(shot.file)))];
const server = serve(files);
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
const [width, height] = plan.size;
const page = await browser.newPage({ viewport: { width, height } });
const complaints = [];
page.on("console", (m) => { if (["error", "warning"].includes(m.type())) complaints.push(m.text()); });
page.on("pageerror", (e) => complaints.push(String(e)));
try {
  await page.goto(`http://127.0.0.1:${server.address().port}/page.html`);
  await page.waitForFunction("window.rigcastReady");
  let loaded = -1, facts = null;
  const pictures = [];
  for (const shot of plan.shots) {
    const index = files.indexOf(resolve(shot.file));
    if (index !== loaded) facts = await page.evaluate((url) => rigcastLoad(url), `/file/${index}`);
    loaded = index;
    pictures.push(await page.evaluate(([s, w, h]) => {
      rigcastPose(s);
      rigcastLook(s.view, w, h);
      return document.querySelector("canvas").toDataURL("image/png");
    }, [shot, width, height]));
  }
  const rows = Math.ceil(pictures.length / plan.columns);
  await page.setViewportSize({ width: width * plan.columns, height: height * rows });
  await page.setContent(`<style>body{margin:0;display:grid;grid-template-columns:repeat(${plan.columns},${width}px);font:13px sans-serif}
    figure{margin:0;position:relative}figcaption{position:absolute;left:4px;top:2px;color:#334}img{display:block}</style>`
    + pictures.map((p, i) => `<figure><img src="${p}"><figcaption>${plan.shots[i].label ?? ""}</figcaption></figure>`).join(""));
  await page.screenshot({ path: plan.out });
  console.log(JSON.stringify({ ...facts, complaints }));
} finally {
  await browser.close();
  server.close();
}
