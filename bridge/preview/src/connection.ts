/** The WebSocket to the bridge: joins a session, comes back when the line is lost, and says in words how it stands. */

import { ErrorCode, type Error as WireError, type ServerMessage } from "./gen/rigcast/v1/session_pb";
import { decode, encode, SUBPROTOCOL, type ClientBody } from "./wire";

export type State = "connecting" | "live" | "lost" | "refused";

/** What happens on the line. `message` gets everything but Pong and the server's errors. */
export interface Listener {
  state(state: State): void;
  message(message: ServerMessage): void;
  /** The server refused something; its words are for people. */
  error(error: WireError): void;
  /** The server is there but does not let this page in: most likely the token is missing. */
  barred(): void;
  /** A ping came back: seconds there and back, and the session's present in microseconds. */
  pong(trip: number, nowUs: bigint): void;
}

/** Waiting before the n-th try: a random part of FIRST * 2^n, at most LONGEST, milliseconds; no herd after a restart. */
const FIRST = 500;
const LONGEST = 8000;
/** Pings: a quick burst to set the clock, then one a second. Milliseconds. */
const PING_FAST = 150;
const PING_SLOW = 1000;
const BURST = 6;
/** Trying again will not help against these. */
const POLICY = 1008; // the close code of a refusal, RFC 6455 section 7.4.1
const FINAL = new Set([ErrorCode.UNAUTHENTICATED, ErrorCode.INVALID_ARGUMENT, ErrorCode.NOT_FOUND]);

export class Connection {
  private socket: WebSocket | null = null;
  private state: State = "connecting";
  private tries = 0;
  private pings = new Map<number, number>();
  private requests = 0;
  private timer = 0;
  private refused = false;

  constructor(
    private readonly url: string,
    private readonly session: string,
    private readonly listener: Listener,
  ) {}

  open(): void {
    const socket = new WebSocket(this.url, [SUBPROTOCOL]);
    let opened = false;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      opened = true;
      this.send({ case: "join", value: { session: this.session } });
    };
    socket.onmessage = (event) => this.receive(event.data as ArrayBuffer);
    socket.onclose = (event) => (opened ? this.closed(event.code === POLICY) : void this.notOpened());
    this.socket = socket;
  }

  /** Send one message; dropped while the line is down, as its moment will have passed. Returns its request id. */
  send(body: ClientBody): number {
    this.requests++;
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(encode(body, this.requests));
    return this.requests;
  }

  /** Send one message that needs no answer. */
  tell(body: ClientBody): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(encode(body));
  }

  private receive(bytes: ArrayBuffer): void {
    const message = decode(bytes);
    const body = message.body;
    if (body.case === "pong") return this.ponged(body.value.requestId, body.value.nowUs);
    if (body.case === "error") return this.failed(body.value);
    if (body.case === "welcome") this.welcomed();
    this.listener.message(message);
  }

  private welcomed(): void {
    this.tries = 0;
    this.change("live");
    this.pings.clear();
    this.ping(0);
  }

  private ping(count: number): void {
    this.pings.set(this.send({ case: "ping", value: {} }), performance.now());
    if (this.pings.size > BURST) this.pings.delete(this.pings.keys().next().value!);
    this.later(() => this.ping(count + 1), count < BURST ? PING_FAST : PING_SLOW);
  }

  private ponged(request: number, nowUs: bigint): void {
    const sent = this.pings.get(request);
    if (sent === undefined) return;
    this.pings.delete(request);
    this.listener.pong((performance.now() - sent) / 1000, nowUs);
  }

  /** An error before Welcome answers Join: the server will close. Some are final. */
  private failed(error: WireError): void {
    if (this.state !== "live" && FINAL.has(error.code)) this.refused = true;
    this.listener.error(error);
  }

  /** A browser does not tell why a handshake failed; but if the page can be fetched, the server said no. */
  private async notOpened(): Promise<void> {
    const there = await fetch(document.baseURI, { cache: "no-store" }).then(() => true, () => false);
    this.again(there ? "refused" : "lost");
    if (there) this.listener.barred();
  }

  private closed(refused: boolean): void {
    this.refused ||= refused;
    if (!this.refused) return this.again("lost");
    this.change("refused");
    clearTimeout(this.timer);
  }

  private again(state: State): void {
    this.change(state);
    const longest = Math.min(LONGEST, FIRST * 2 ** this.tries++);
    this.later(() => this.open(), longest * (0.5 + Math.random() / 2));
  }

  private change(state: State): void {
    if (state !== this.state) this.listener.state((this.state = state));
  }

  private later(action: () => void, milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(action, milliseconds);
  }
}
