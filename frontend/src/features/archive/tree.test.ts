import { describe, expect, it } from "vitest";
import { moveBy, parentOf, visible } from "@/features/archive/tree";
import type { Folder, Move } from "@/features/archive/tree";

const folders: Record<string, Folder> = {
  "": {
    status: "ready",
    entries: [
      { name: "sglang", kind: "engine" },
      { name: "vllm", kind: "engine", tests: 2 },
    ],
  },
  vllm: {
    status: "ready",
    entries: [
      { name: "qwen", kind: "model" },
      { name: "yi", kind: "model" },
    ],
  },
  "vllm/qwen": { status: "ready", entries: [{ name: "20261123", kind: "test", test_id: "t1" }] },
  "vllm/yi": { status: "pending" },
};
const see = (...open: string[]) => visible((path) => folders[path], new Set(open));

describe("visible", () => {
  it("shows the engines first", () => {
    expect(see().map((n) => [n.path, n.level, n.place, n.siblings, n.open])).toEqual([
      ["sglang", 1, 1, 2, false],
      ["vllm", 1, 2, 2, false],
    ]);
  });
  it("shows what is open, however deep", () => {
    expect(see("vllm", "vllm/qwen").map((n) => `${n.level} ${n.path}`)).toEqual([
      "1 sglang",
      "1 vllm",
      "2 vllm/qwen",
      "3 vllm/qwen/20261123",
      "2 vllm/yi",
    ]);
  });
  it("does not show what lies below a closed folder, nor what is not there yet", () => {
    expect(see("vllm/qwen")).toHaveLength(2);
    expect(see("vllm", "vllm/yi").map((n) => n.path)).toEqual(["sglang", "vllm", "vllm/qwen", "vllm/yi"]);
  });
});

it.each<[string, string, Move | undefined]>([
  ["ArrowDown", "sglang", { focus: "vllm" }],
  ["ArrowDown", "vllm/yi", undefined],
  ["ArrowUp", "vllm", { focus: "sglang" }],
  ["ArrowUp", "sglang", undefined],
  ["Home", "vllm/yi", { focus: "sglang" }],
  ["End", "sglang", { focus: "vllm/yi" }],
  ["ArrowRight", "sglang", { open: "sglang" }],
  ["ArrowRight", "vllm", { focus: "vllm/qwen" }],
  ["ArrowRight", "vllm/qwen/20261123", undefined],
  ["ArrowLeft", "vllm/qwen", { close: "vllm/qwen" }],
  ["ArrowLeft", "vllm/qwen/20261123", { focus: "vllm/qwen" }],
  ["ArrowLeft", "vllm/yi", { focus: "vllm" }],
  ["ArrowLeft", "sglang", undefined],
  ["Enter", "vllm", { close: "vllm" }],
  [" ", "vllm/yi", { open: "vllm/yi" }],
  ["Enter", "vllm/qwen/20261123", { choose: "vllm/qwen/20261123" }],
  ["V", "sglang", { focus: "vllm" }],
  ["s", "vllm/yi", { focus: "sglang" }],
  ["z", "sglang", undefined],
  ["Tab", "sglang", undefined],
  ["ArrowDown", "gone", { focus: "sglang" }],
])("%s at %s", (key, at, want) => {
  expect(moveBy(key, see("vllm", "vllm/qwen"), at)).toEqual(want);
});

it("knows the folder of a folder", () => {
  expect([parentOf("a/b/c"), parentOf("a"), parentOf("")]).toEqual(["a/b", "", ""]);
});
