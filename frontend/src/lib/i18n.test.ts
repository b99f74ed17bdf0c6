import { describe, expect, it } from "vitest";
import { pickLanguage } from "@/lib/i18n";

describe("pickLanguage", () => {
  it.each([
    [null, ["zh-TW", "en"], "zh-CN"],
    [null, ["en-GB", "zh"], "en"],
    [null, ["fr", "zh-Hans-CN"], "zh-CN"],
    [null, ["fr", "de"], "en"],
    [null, [], "en"],
    ["en", ["zh-CN"], "en"],
    ["zh-CN", ["en"], "zh-CN"],
    ["klingon", ["zh"], "zh-CN"],
  ] as const)("remembered %s, browser %j → %s", (remembered, browser, want) => {
    expect(pickLanguage(remembered, browser)).toBe(want);
  });
});
