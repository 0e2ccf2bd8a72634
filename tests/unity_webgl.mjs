// The Unity package's browser plugin outside Unity: its functions, with the little of Emscripten that they use, join a
// bridge and print each event as "KIND BASE64". Arguments: the plugin, the bridge's address, base64 of the Join.
import { readFileSync } from "node:fs";

const [plugin, url, join] = process.argv.slice(2);
const heap = new Uint8Array(1 << 20);
const library = {};
const emscripten = {
  LibraryManager: { library },
  mergeInto: Object.assign,
  HEAPU8: heap,
  UTF8ToString: () => url,
};
const names = [...Object.keys(emscripten), "rigcastSockets"];
const sockets = { next: 1, open: {} };
new Function(...names, readFileSync(plugin, "utf8"))(...Object.values(emscripten), sockets);

const number = library.RigcastOpen(0);
let messages = 0;
const timer = setInterval(() => {
  for (let kind; (kind = library.RigcastKind(number)) !== 0; ) {
    const length = library.RigcastLength(number);
    library.RigcastTake(number, 16);
    console.log(kind, Buffer.from(heap.slice(16, 16 + length)).toString("base64"));
    if (kind === 1) send(Buffer.from(join, "base64"));
    if (kind === 3 || (kind === 2 && ++messages === 5)) return end();
  }
}, 5);

function send(data) {
  heap.set(data, 16);
  library.RigcastSend(number, 16, data.length);
}

function end() {
  clearInterval(timer);
  library.RigcastClose(number);
  if (library.RigcastKind(number) !== 0 || Object.keys(sockets.open).length) process.exitCode = 1;
}
