/** What the page's address asks for. */

export interface Options {
  /** The session to join. */
  session: string;
  /** Passed on to the server where it wants one. */
  token: string;
  /** The voice of what is typed; empty is the server's default. */
  voice: string;
  /** The character's file, of this very server. */
  avatar: string;
  /** "face", "bust" or "full". */
  camera: string;
  /** Nothing but the character on a transparent ground, for OBS. */
  overlay: boolean;
  /** A CSS colour behind the character, for chroma keying; empty is the page's own ground. */
  ground: string;
  /** Pixels drawn a CSS pixel; 0 suits the machine. */
  pixels: number;
  /** BCP 47 language of the page. */
  language: string;
}

export function readOptions(address: URL, language: string): Options {
  const get = (name: string, otherwise = "") => address.searchParams.get(name) ?? otherwise;
  return {
    session: get("session", "main"),
    token: get("token"),
    voice: get("voice"),
    avatar: get("avatar", "avatar.vrm"),
    camera: get("camera", "bust"),
    overlay: !["", "0"].includes(get("overlay")),
    ground: get("ground"),
    pixels: Math.min(4, Math.max(0, Number(get("pixels")) || 0)),
    language: get("lang", language),
  };
}

/** An address of this server, the token with it. */
export function serverAddress(path: string, token: string, base: string): URL {
  const url = new URL(path, base);
  if (token && url.origin === new URL(base).origin) url.searchParams.set("token", token);
  return url;
}

/** The WebSocket beside the page. */
export function socketAddress(token: string, base: string): string {
  const url = serverAddress("rigcast", token, base);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
