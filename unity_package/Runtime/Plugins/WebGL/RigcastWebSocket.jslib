// The browser's WebSocket for BrowserTransport.cs. What happens is queued here, and taken one by one.
mergeInto(LibraryManager.library, {
  $rigcastSockets: { next: 1, open: {} },

  // A new socket's number. Subprotocol rigcast.v1, binary.
  RigcastOpen__deps: ["$rigcastSockets"],
  RigcastOpen: function (url) {
    var number = rigcastSockets.next++;
    var entry = { events: [], socket: null, over: false };
    rigcastSockets.open[number] = entry;
    function put(kind, data) {
      entry.events.push({ kind: kind, data: data });
    }
    // Where no connection comes about, some tell an error and then the end, some the error alone.
    function end(reason) {
      if (!entry.over) put(3, new TextEncoder().encode(reason));
      entry.over = true;
    }
    try {
      entry.socket = new WebSocket(UTF8ToString(url), "rigcast.v1");
    } catch (error) {
      end(String(error.message));
      return number;
    }
    entry.socket.binaryType = "arraybuffer";
    entry.socket.onopen = function () { put(1, new Uint8Array(0)); };
    entry.socket.onmessage = function (event) {
      if (typeof event.data !== "string") put(2, new Uint8Array(event.data));
    };
    entry.socket.onerror = function () { end(""); };
    entry.socket.onclose = function (event) { end(event.reason); };
    return number;
  },

  RigcastSend__deps: ["$rigcastSockets"],
  RigcastSend: function (number, data, count) {
    var entry = rigcastSockets.open[number];
    if (entry && entry.socket && entry.socket.readyState === 1) entry.socket.send(HEAPU8.slice(data, data + count));
  },

  RigcastClose__deps: ["$rigcastSockets"],
  RigcastClose: function (number) {
    var entry = rigcastSockets.open[number];
    delete rigcastSockets.open[number];
    if (!entry || !entry.socket) return;
    entry.socket.onopen = entry.socket.onmessage = entry.socket.onerror = entry.socket.onclose = null;
    entry.socket.close();
  },

  // What happened next: 0 nothing, 1 opened, 2 a message, 3 closed. It stays until it is taken.
  RigcastKind__deps: ["$rigcastSockets"],
  RigcastKind: function (number) {
    var entry = rigcastSockets.open[number];
    return entry && entry.events.length ? entry.events[0].kind : 0;
  },

  // Bytes of what happened next.
  RigcastLength__deps: ["$rigcastSockets"],
  RigcastLength: function (number) {
    return rigcastSockets.open[number].events[0].data.length;
  },

  // Take what happened next; the buffer is as long as RigcastLength said.
  RigcastTake__deps: ["$rigcastSockets"],
  RigcastTake: function (number, buffer) {
    HEAPU8.set(rigcastSockets.open[number].events.shift().data, buffer);
  },
});
