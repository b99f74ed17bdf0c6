import { describe, expect, it } from "vitest";
import { readArchiveSearch } from "@/features/archive/search";
import { filterOf, isFiltered, readHistorySearch } from "@/features/history/search";
import { readTestSearch } from "@/features/test/search";
import { oneOf, parseSearch, someOf, stringifySearch, textOf, without } from "@/lib/search";

describe("a pasted address shows the same picture", () => {
  it.each([
    {},
    { state: ["queued", "running"] },
    { model: "Qwen/Qwen2.5-7B,chat & more=1", engine: "vllm" },
    { state: ["failed"], model: "模型 甲", engine: "sglang", show: "trash" },
    { model: "7" },
    { show: "archived" },
  ])("history %j", (view) => {
    expect(readHistorySearch(parseSearch(stringifySearch(view)))).toEqual(view);
  });

  it.each([{}, { tab: "events" }, { tab: "parameters", as: "json" }, { charts: "table" }])(
    "test %j",
    (view) => {
      expect(readTestSearch(parseSearch(stringifySearch(view)))).toEqual(view);
    },
  );

  it.each([{}, { open: ["vllm", "vllm/qwen2.5-7b"], at: "vllm/qwen2.5-7b/20261123_191747" }])(
    "archive %j",
    (view) => {
      expect(readArchiveSearch(parseSearch(stringifySearch(view)))).toEqual(view);
    },
  );
});

describe("an address somebody made up", () => {
  it.each([
    ["?state=running,nonsense,queued,running", { state: ["queued", "running"] }],
    ["?state=&model=&engine=%20&show=all", {}],
    ["?show=everything&other=1", {}],
    ["?model=a&model=b", { model: "b" }],
  ])("%s", (address, want) => expect(readHistorySearch(parseSearch(address))).toEqual(want));

  it("opens the first tab when there is no such tab", () => {
    expect(readTestSearch(parseSearch("?tab=secrets&as=xml&charts=1"))).toEqual({});
  });

  it("opens every folder once", () => {
    expect(readArchiveSearch(parseSearch("?open=a,a,,b"))).toEqual({ open: ["a", "b"] });
  });
});

it("leaves out what says nothing", () => {
  expect(stringifySearch({ a: undefined, b: "", c: false, d: [], e: null })).toBe("");
  expect(stringifySearch({ a: true, b: ["x", "y/z"], c: "1:2 3&4" })).toBe("?a=1&b=x,y/z&c=1:2%203%264");
});

it("asks the server for what the address says", () => {
  expect(filterOf({ state: ["running"], model: "m", show: "trash" })).toEqual({
    state: ["running"],
    model: "m",
    trashed: true,
  });
  expect(filterOf({ show: "archived" })).toEqual({ archived: true });
  expect([isFiltered({}), isFiltered({ engine: "vllm" }), isFiltered({ show: "trash" })]).toEqual([
    false,
    true,
    true,
  ]);
});

it("reads single values", () => {
  expect(oneOf("b", ["a", "b"])).toBe("b");
  expect(oneOf(["b"], ["a", "b"])).toBeUndefined();
  expect(someOf(["b", "c", "a"], ["a", "b"])).toEqual(["a", "b"]);
  expect([textOf(7), textOf(" "), textOf({})]).toEqual(["7", undefined, undefined]);
  expect(without({ a: 1, b: 2 }, "a")).toEqual({ b: 2 });
});
