/** What the states of a test mean for the page. */
import type { State, TestSummary, User } from "@/api/types.gen";

export const STATES = [
  "queued",
  "preflight",
  "probing",
  "running",
  "reporting",
  "succeeded",
  "failed",
  "cancelling",
  "cancelled",
] as const satisfies readonly State[];

/** No stage works on it any more. */
export function isFinal(state: State): boolean {
  return state === "succeeded" || state === "failed" || state === "cancelled";
}

/** Something about it will still change by itself. */
export function isMoving(t: Pick<TestSummary, "state" | "wanted">): boolean {
  return !isFinal(t.state) || Boolean(t.wanted);
}

export type Act = "run" | "cancel" | "archive" | "restore" | "delete" | "purge" | "download";

/** Whether the role allows it; the server decides in the end. */
export function mayDo(user: User, act: Act): boolean {
  if (act === "download") return true;
  if (act === "purge") return user.role === "admin";
  return user.role !== "viewer";
}

/** Whether the test is in a state where it makes sense. */
export function canDo(t: TestSummary, act: Act): boolean {
  const final = isFinal(t.state);
  switch (act) {
    case "run":
      return true;
    case "cancel":
      return !final && t.state !== "cancelling";
    case "archive":
      return t.state === "succeeded" && !t.archived && !t.trashed && !t.wanted;
    case "restore":
      return (t.archived || t.trashed) && !t.wanted;
    case "delete":
      return final && !t.trashed && !t.wanted;
    case "purge":
      return t.trashed && !t.wanted;
    case "download":
      return t.state === "succeeded" && !t.trashed;
  }
}

/** What people call the test. */
export function titleOf(t: Pick<TestSummary, "name" | "model">): string {
  return t.name || t.model;
}
