import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatElapsed,
  formatFigure,
  formatMs,
  formatPercent,
  formatRate,
  formatTime,
  spanMs,
} from "@/lib/format";

describe("what is not known", () => {
  it.each([null, undefined, Number.NaN, Number.POSITIVE_INFINITY])("%s is a dash with every unit", (v) => {
    for (const text of [
      formatFigure(v),
      formatCount(v),
      formatMs(v),
      formatRate(v, "tok/s"),
      formatPercent(v),
      formatDuration(v),
      formatBytes(v),
    ]) {
      expect(text).toBe("—");
    }
  });

  it("zero is zero", () => {
    expect([formatFigure(0), formatMs(0), formatPercent(0), formatBytes(0)]).toEqual([
      "0",
      "0 ms",
      "0 %",
      "0 B",
    ]);
  });
});

it.each([
  [0.0123, "0.012"],
  [0.9994, "0.999"],
  [0.9996, "1.00"],
  [9.994, "9.99"],
  [9.996, "10.0"],
  [51.23, "51.2"],
  [99.96, "100"],
  [412.4, "412"],
  [4378.2, "4,378"],
  [1234567, "1,234,567"],
  [-3.21, "-3.21"],
])("figure %d reads %s", (value, want) => expect(formatFigure(value)).toBe(want));

it.each([
  [0, "0 ms"],
  [0.34, "0.3 ms"],
  [412.4, "412 ms"],
  [4210, "4.2 s"],
  [9990, "10.0 s"],
  [59_400, "59 s"],
  [60_000, "1 min 00 s"],
  [125_000, "2 min 05 s"],
  [7_380_000, "2 h 03 min"],
  [90_000_000, "25 h 00 min"],
])("a span of %d ms reads %s", (value, want) => expect(formatDuration(value)).toBe(want));

it.each([
  [0.03, "0.03 %"],
  [12.4, "12 %"],
  [99.96, "100.0 %"],
  [100, "100 %"],
])("a share of %d reads %s", (value, want) => expect(formatPercent(value)).toBe(want));

it.each([
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [184_321, "180 KiB"],
  [9_912_345, "9.5 MiB"],
  [5 * 1024 ** 4, "5.0 TiB"],
])("%d bytes read %s", (value, want) => expect(formatBytes(value)).toBe(want));

it.each([
  [215, "0 s"],
  [9990, "9 s"],
  [59_999, "59 s"],
  [60_400, "1 min 00 s"],
  [null, "—"],
])("%d ms so far read %s", (value, want) => expect(formatElapsed(value)).toBe(want));

describe("moments", () => {
  it("are spelt the same in every language", () => {
    expect(formatTime("2026-11-23T15:04:05Z")).toMatch(/^2026-11-2[234] \d{2}:\d{2}:05$/);
    expect(formatTime("2026-11-23T15:04:05Z", false)).toMatch(/^2026-11-2[234] \d{2}:\d{2}$/);
  });
  it.each([null, undefined, "", "yesterday"])("%s is a dash", (v) => expect(formatTime(v)).toBe("—"));
  it("have a distance that is never negative", () => {
    expect(spanMs("2026-11-23T15:00:00Z", "2026-11-23T15:00:02.5Z")).toBe(2500);
    expect(spanMs("2026-11-23T15:00:02Z", "2026-11-23T15:00:00Z")).toBe(0);
    expect(spanMs(null, "2026-11-23T15:00:00Z")).toBeUndefined();
  });
});
