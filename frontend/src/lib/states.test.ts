import { describe, expect, it } from "vitest";
import type { Act } from "@/lib/states";
import { canDo, isMoving, mayDo, titleOf } from "@/lib/states";
import { aTest } from "@/test/factories";

const acts: Act[] = ["cancel", "archive", "restore", "delete", "purge", "download"];

describe("what can be done", () => {
  it.each([
    ["queued", aTest({ state: "queued" }), ["cancel"]],
    ["running", aTest({ state: "running" }), ["cancel"]],
    ["cancelling", aTest({ state: "cancelling" }), []],
    ["failed", aTest({ state: "failed" }), ["delete"]],
    ["cancelled", aTest({ state: "cancelled" }), ["delete"]],
    ["succeeded", aTest({ state: "succeeded" }), ["archive", "delete", "download"]],
    ["archived", aTest({ state: "succeeded", archived: true }), ["restore", "delete", "download"]],
    ["in the trash", aTest({ state: "succeeded", trashed: true }), ["restore", "purge"]],
    ["being archived", aTest({ state: "succeeded", wanted: "archive_requested" }), ["download"]],
  ])("%s", (_name, test, want) => {
    expect(acts.filter((act) => canDo(test, act))).toEqual(want);
  });
});

it("a viewer only looks and downloads, a member does not purge", () => {
  const user = (role: "admin" | "member" | "viewer") => ({ id: "u", name: "n", role });
  const all: Act[] = ["run", ...acts];
  expect(all.filter((act) => mayDo(user("viewer"), act))).toEqual(["download"]);
  expect(all.filter((act) => !mayDo(user("member"), act))).toEqual(["purge"]);
  expect(all.every((act) => mayDo(user("admin"), act))).toBe(true);
});

it("moves until final and while a wish is open", () => {
  expect(isMoving(aTest({ state: "reporting" }))).toBe(true);
  expect(isMoving(aTest({ state: "failed" }))).toBe(false);
  expect(isMoving(aTest({ state: "succeeded", wanted: "delete_requested" }))).toBe(true);
});

it("is called by its name, else by its model", () => {
  expect([titleOf({ name: "n", model: "m" }), titleOf({ name: "", model: "m" })]).toEqual(["n", "m"]);
});
