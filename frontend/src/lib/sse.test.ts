import { describe, expect, it } from "vitest";
import { SseParser, backoffMs } from "@/lib/sse";

const stream = [
  ": ping\n\n",
  'event: snapshot\r\nid: 7\r\ndata: {"a":1}\r\n\r\n',
  "data: one\ndata:two\ndata:  three\n\n",
  "event: progress\rdata: 中文 ✓\r\r",
  "id: 8\n\n",
  "event: nothing\n\n",
  "retry: 3000\nid: 9\nevent: end\ndata\n\n",
].join("");

const messages = [
  { event: "snapshot", id: "7", data: '{"a":1}' },
  { event: "message", data: "one\ntwo\n three" },
  { event: "progress", data: "中文 ✓" },
  { event: "end", id: "9", data: "" },
];

describe("SseParser", () => {
  it("reads a stream in one piece", () => {
    expect(new SseParser().push(stream)).toEqual(messages);
  });

  it("reads the same stream cut at every place", () => {
    for (let at = 1; at < stream.length; at += 1) {
      const parser = new SseParser();
      const got = [...parser.push(stream.slice(0, at)), ...parser.push(stream.slice(at))];
      expect(got, `cut at ${at}`).toEqual(messages);
    }
  });

  it("reads it letter by letter", () => {
    const parser = new SseParser();
    expect([...stream].flatMap((letter) => parser.push(letter))).toEqual(messages);
  });

  it("gives nothing for a message that has not ended", () => {
    expect(new SseParser().push("event: end\ndata: {}\n")).toEqual([]);
  });
});

it("waits longer each time, never long, never all at once", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 20].map((n) => backoffMs(n, 0.5))).toEqual([
    500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000,
  ]);
  expect([backoffMs(0, 0), backoffMs(0, 1)]).toEqual([375, 625]);
});
