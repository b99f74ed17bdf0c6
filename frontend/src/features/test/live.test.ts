import { describe, expect, it } from "vitest";
import { applyEvent, applyMessage, decode } from "@/features/test/live";
import type { LiveView } from "@/features/test/live";
import { aLevel, aTest, anEvent } from "@/test/factories";

const view = (part: Partial<LiveView> = {}): LiveView => ({
  test: aTest(),
  progress: undefined,
  stale: false,
  ...part,
});
const progress = {
  phase: "measure" as const,
  level: 0,
  loop: 0,
  done: 3,
  total: 10,
  percent: 12,
  elapsed_ms: 900,
};
const check = { name: "dns", status: "ok" as const, detail: "…", duration_ms: 1 };

describe("applyEvent", () => {
  it.each([
    ["preflight", { checks: [check, "?"] }, { checks: [check] }],
    ["preflight", {}, { checks: [] }],
    [
      "planned",
      { plan: { loops: 2, levels: [{ index: 0 }] } },
      { plan: { loops: 2, levels: [{ index: 0 }] } },
    ],
    ["planned", { plan: "?" }, {}],
    ["claimed", { attempt: 2, holder: "runner/two" }, { attempt: 2, runner: "runner/two" }],
    ["claimed", { attempt: "2" }, {}],
    ["level_done", { summary: aLevel() }, { levels: [aLevel()] }],
    ["level_done", { summary: { level: 0 } }, { levels: [] }],
    ["cancel_requested", {}, {}],
    ["invented_later", { anything: 1 }, {}],
  ])("%s %j", (kind, data, want) => {
    const before = view();
    const got = applyEvent(before, anEvent(kind, 11, { data }));
    expect(got).toEqual({
      ...before,
      test: { ...before.test, seq: 11, state: "running", updated_at: "2026-11-23T15:01:00Z", ...want },
    });
  });

  it.each(["measured", "reported", "failed", "rejected", "archived", "restored", "deleted"])(
    "%s asks for the test to be read again",
    (kind) => expect(applyEvent(view(), anEvent(kind, 11)).stale).toBe(true),
  );

  it.each([10, 9, 0])("changes nothing when the event %d was seen already", (seq) => {
    const before = view();
    expect(applyEvent(before, anEvent("reported", seq, { state: "succeeded" }))).toBe(before);
  });

  it("applied twice is the same as once", () => {
    const e = anEvent("level_done", 11, { data: { summary: aLevel() } });
    const once = applyEvent(view(), e);
    expect(applyEvent(once, e)).toBe(once);
  });

  it("puts levels in order, and a loop measured again replaces the first try", () => {
    const done = (seq: number, level: number, loop: number, concurrency: number) =>
      anEvent("level_done", seq, { data: { summary: aLevel({ level, loop, concurrency }) } });
    const events = [done(11, 1, 0, 8), done(12, 0, 1, 1), done(13, 0, 0, 1), done(14, 1, 0, 9)];
    const got = events.reduce(applyEvent, view()).test.levels;
    expect(got.map((l) => [l.level, l.loop, l.concurrency])).toEqual([
      [0, 0, 1],
      [0, 1, 1],
      [1, 0, 9],
    ]);
  });

  it("does not change the view it was given", () => {
    const before = view();
    const copy = structuredClone(before);
    applyEvent(before, anEvent("level_done", 11, { data: { summary: aLevel() } }));
    expect(before).toEqual(copy);
  });
});

describe("applyMessage", () => {
  it("takes a snapshot unless the page knows more", () => {
    const newer = aTest({ seq: 12, state: "running" });
    expect(applyMessage(view(), { kind: "snapshot", test: newer }).test).toBe(newer);
    const before = view({ test: aTest({ seq: 20 }) });
    expect(applyMessage(before, { kind: "snapshot", test: newer })).toBe(before);
  });
  it("a reset wins over everything", () => {
    const other = aTest({ seq: 3 });
    const got = applyMessage(view({ test: aTest({ seq: 20 }), progress }), { kind: "reset", test: other });
    expect(got).toEqual({ test: other, progress: undefined, stale: false });
  });
  it("progress leaves the test alone, the end takes the progress away", () => {
    const running = applyMessage(view(), { kind: "progress", progress });
    expect(running).toEqual({ ...view(), progress });
    const done = aTest({ state: "succeeded", seq: 30 });
    expect(applyMessage(running, { kind: "end", test: done })).toEqual({
      test: done,
      progress: undefined,
      stale: false,
    });
  });
});

describe("decode", () => {
  it.each([
    ["snapshot", aTest()],
    ["reset", aTest()],
    ["end", aTest()],
  ] as const)("%s", (event, test) => {
    expect(decode({ event, data: JSON.stringify(test) })).toEqual({ kind: event, test });
  });
  it("event and progress", () => {
    const e = anEvent("claimed", 4);
    expect(decode({ event: "event", data: JSON.stringify(e) })).toEqual({ kind: "event", event: e });
    expect(decode({ event: "progress", data: JSON.stringify(progress) })).toEqual({
      kind: "progress",
      progress,
    });
  });
  it.each([
    ["snapshot", "{}"],
    ["snapshot", "null"],
    ["event", '{"seq":"4"}'],
    ["progress", "[]"],
    ["end", "not json"],
    ["invented_later", "{}"],
  ])("skips %s %s", (event, data) => expect(decode({ event, data })).toBeUndefined());
});
