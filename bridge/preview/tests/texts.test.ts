import { describe, expect, it } from "vitest";
import { readOptions, serverAddress, socketAddress } from "../src/options";
import { overlayAddress } from "../src/overlay";
import { figure } from "../src/panel";
import { emotionName, texts } from "../src/texts";

describe("texts", () => {
  it("speaks Chinese to those who read it, English to all others", () => {
    expect(texts("zh-CN")("send")).toBe("说");
    expect(texts("zh-Hant-TW")("send")).toBe("说");
    expect(texts("fr")("send")).toBe("Speak");
  });

  it("puts values in their places", () => {
    expect(texts("en")("speaking", { text: "$& hello" })).toBe("speaking: $& hello");
  });

  it("names emotions, unknown ones by their own word", () => {
    expect(emotionName(texts("zh"), "happy")).toBe("开心");
    expect(emotionName(texts("zh"), "smug")).toBe("Smug");
  });
});

it("writes figures as people do", () => {
  expect(figure(12.34, 1, "ms")).toBe("12.3\u00a0ms");
  expect(figure(-3.2, 0, "ppm")).toBe("\u22123\u00a0ppm");
  expect(figure(-0.01, 1, "ms")).toBe("0.0\u00a0ms");
  expect(figure(NaN, 1, "ms")).toBe("–");
});

describe("options", () => {
  it("reads the address", () => {
    const options = readOptions(new URL("http://localhost:7788/?session=a&overlay=1&lang=zh&voice=x"), "en-US");
    expect(options).toMatchObject({ session: "a", overlay: true, language: "zh", voice: "x", camera: "bust" });
    expect(readOptions(new URL("http://localhost/?overlay=0"), "en-US")).toMatchObject({
      session: "main", overlay: false, language: "en-US", avatar: "avatar.vrm",
    });
  });

  it("names the address of the character alone, with what differs from the usual", () => {
    const options = readOptions(new URL("http://host:1/?session=a b&token=t&lang=zh&camera=full"), "en");
    const base = "http://host:1/?session=a&lang=zh#x";
    expect(overlayAddress(options, "#00ff00", base)).toBe(
      "http://host:1/?session=a+b&token=t&camera=full&overlay=1&ground=%2300ff00",
    );
    expect(overlayAddress(readOptions(new URL("http://host/"), "en"), "", "http://host/")).toBe("http://host/?overlay=1");
  });

  it("finds the socket beside the page and passes the token on, to its own server alone", () => {
    expect(socketAddress("", "http://127.0.0.1:7788/")).toBe("ws://127.0.0.1:7788/rigcast");
    expect(socketAddress("a&b", "https://host/sub/")).toBe("wss://host/sub/rigcast?token=a%26b");
    expect(serverAddress("avatar.vrm", "t", "http://host/").href).toBe("http://host/avatar.vrm?token=t");
    expect(serverAddress("http://elsewhere/a.vrm", "t", "http://host/").href).toBe("http://elsewhere/a.vrm");
  });
});
