/** What the live stream of one test says, and what each message does to what the reader sees. */
import type { Check, Level, Plan, Progress, Test, TestEvent } from "@/api/types.gen";
import type { SseMessage } from "@/lib/sse";

export type LiveMessage =
  | { kind: "snapshot" | "reset" | "end"; test: Test }
  | { kind: "event"; event: TestEvent }
  | { kind: "progress"; progress: Progress };

export interface LiveView {
  test: Test;
  progress: Progress | undefined;
  /** Something changed that an event does not tell in full: the test is to be read again. */
  stale: boolean;
}

/** Takes a message of the stream apart. What a newer server sends and this page does not know is skipped. */
export function decode(m: SseMessage): LiveMessage | undefined {
  const data = parse(m.data);
  switch (m.event) {
    case "snapshot":
    case "reset":
    case "end":
      return isTest(data) ? { kind: m.event, test: data } : undefined;
    case "event":
      return isEvent(data) ? { kind: "event", event: data } : undefined;
    case "progress":
      return isProgress(data) ? { kind: "progress", progress: data } : undefined;
    default:
      return undefined;
  }
}

/** What one message does to the view. Events seen already change nothing. */
export function applyMessage(view: LiveView, m: LiveMessage): LiveView {
  switch (m.kind) {
    case "snapshot":
      return m.test.seq < view.test.seq ? view : { ...view, test: m.test, stale: false };
    case "reset":
      return { test: m.test, progress: undefined, stale: false };
    case "end":
      return { test: m.test, progress: undefined, stale: false };
    case "progress":
      return { ...view, progress: m.progress };
    case "event":
      return applyEvent(view, m.event);
  }
}

// Kinds whose payload is not what the page shows: links, titles and times are made by the server.
const untold = new Set(["measured", "reported", "rejected", "failed", "archived", "restored", "deleted"]);

/** What one event does to the view. Kinds it does not know only move state and place. */
export function applyEvent(view: LiveView, e: TestEvent): LiveView {
  if (e.seq <= view.test.seq) return view;
  const test: Test = { ...view.test, seq: e.seq, state: e.state, updated_at: e.time };
  const stale = view.stale || untold.has(e.kind);
  switch (e.kind) {
    case "preflight":
      return { ...view, test: { ...test, checks: listOf(e.data["checks"], isCheck) }, stale };
    case "planned":
      return { ...view, test: isPlan(e.data["plan"]) ? { ...test, plan: e.data["plan"] } : test, stale };
    case "claimed":
      return { ...view, test: claimed(test, e.data), stale };
    case "level_done":
      return { ...view, test: { ...test, levels: withLevel(test.levels, e.data["summary"]) }, stale };
    default:
      return { ...view, test, stale };
  }
}

function claimed(test: Test, data: Record<string, unknown>): Test {
  const { attempt, holder } = data;
  return {
    ...test,
    ...(typeof attempt === "number" ? { attempt } : {}),
    ...(typeof holder === "string" ? { runner: holder } : {}),
  };
}

/** The levels with one more; the same level and loop measured again replaces the earlier one. */
function withLevel(levels: Level[], found: unknown): Level[] {
  if (!isLevel(found)) return levels;
  const others = levels.filter((l) => l.level !== found.level || l.loop !== found.loop);
  return [...others, found].sort((a, b) => a.level - b.level || a.loop - b.loop);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(v: unknown): v is Record<string, unknown> {
  return typeof v === "object" && v !== null && !Array.isArray(v);
}

function listOf<T>(v: unknown, is: (item: unknown) => item is T): T[] {
  return Array.isArray(v) ? v.filter(is) : [];
}

// The server's types are generated from the contract; these checks only tell one message from another.
function isTest(v: unknown): v is Test {
  return (
    isRecord(v) && typeof v["id"] === "string" && typeof v["state"] === "string" && Array.isArray(v["levels"])
  );
}

function isEvent(v: unknown): v is TestEvent {
  return isRecord(v) && typeof v["seq"] === "number" && typeof v["kind"] === "string" && isRecord(v["data"]);
}

function isProgress(v: unknown): v is Progress {
  return isRecord(v) && typeof v["phase"] === "string" && typeof v["percent"] === "number";
}

function isCheck(v: unknown): v is Check {
  return isRecord(v) && typeof v["name"] === "string" && typeof v["status"] === "string";
}

function isPlan(v: unknown): v is Plan {
  return isRecord(v) && Array.isArray(v["levels"]) && typeof v["loops"] === "number";
}

function isLevel(v: unknown): v is Level {
  return (
    isRecord(v) &&
    typeof v["level"] === "number" &&
    typeof v["loop"] === "number" &&
    isRecord(v["requests"]) &&
    isRecord(v["throughput"])
  );
}
