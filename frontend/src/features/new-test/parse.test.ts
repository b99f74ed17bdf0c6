import { describe, expect, it } from "vitest";
import {
  halfWidth,
  parseDuration,
  parseLength,
  parseList,
  parseRate,
  parseUrl,
  parseWhole,
} from "@/features/new-test/parse";
import type { Parsed } from "@/features/new-test/parse";

const outcome = (p: Parsed<unknown>) => (p.ok ? p.value : p.fault);

it("makes full-width letters plain", () => {
  expect(halfWidth("　１２８，６４；ａｂ　")).toBe("128,64;ab");
});

describe.each([
  [
    "a whole number",
    parseWhole,
    [
      ["200", 200],
      ["1,024", 1024],
      ["１０２４", 1024],
      [" 7 ", 7],
      ["1，024", 1024],
      ["", "required"],
      ["0", "whole"],
      ["-1", "whole"],
      ["1.5", "whole"],
      ["ten", "whole"],
      ["1,2", "whole"],
      ["1e3", "whole"],
      ["9999999999999", "whole"],
    ],
  ],
  [
    "a list",
    parseList,
    [
      ["1, 8，64", [1, 8, 64]],
      ["1 8 64", [1, 8, 64]],
      ["１、８、６４", [1, 8, 64]],
      ["8", [8]],
      ["1;2；3", [1, 2, 3]],
      ["1,\n2,", [1, 2]],
      ["", "required"],
      [" ， ", "required"],
      ["1, x", "list"],
      ["1, 0", "list"],
      ["auto", "list"],
      ["1-8", "list"],
    ],
  ],
  [
    "a length",
    parseLength,
    [
      ["1024", 1024],
      ["512-1024", { min: 512, max: 1024 }],
      ["512 – 1024", { min: 512, max: 1024 }],
      ["512～1024", { min: 512, max: 1024 }],
      ["512 至 1024", { min: 512, max: 1024 }],
      ["1,024..2,048", { min: 1024, max: 2048 }],
      ["64-64", 64],
      ["", "required"],
      ["1024-512", "order"],
      ["-5", "length"],
      ["5-", "length"],
      ["1-2-3", "length"],
      ["long", "length"],
    ],
  ],
  [
    "a duration",
    parseDuration,
    [
      ["60s", "60s"],
      ["1h30m", "1h30m"],
      ["1.5m", "1.5m"],
      ["６０ｓ", "60s"],
      ["2 m", "2m"],
      ["1m0s", "1m0s"],
      ["", "required"],
      ["60", "duration"],
      ["0s", "duration"],
      ["1d", "duration"],
      ["s", "duration"],
    ],
  ],
  [
    "a rate",
    parseRate,
    [
      ["12.5", 12.5],
      ["３", 3],
      ["", "required"],
      ["0", "rate"],
      ["-1", "rate"],
      ["1e2", "rate"],
      ["Infinity", "rate"],
    ],
  ],
  [
    "an address",
    parseUrl,
    [
      ["http://10.0.0.5:8000/v1", "http://10.0.0.5:8000/v1"],
      [" https://a.b/v1 ", "https://a.b/v1"],
      ["", "required"],
      ["10.0.0.5:8000", "url"],
      ["ftp://a/b", "url"],
      ["http://", "url"],
      ["javascript:alert(1)", "url"],
    ],
  ],
] as const)("%s", (_name, parse, cases) => {
  it.each(cases as readonly (readonly [string, unknown])[])("%j → %j", (text, want) =>
    expect(outcome(parse(text))).toEqual(want),
  );
});
