// @vitest-environment node
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import en from "@/locales/en.json";
import zh from "@/locales/zh.json";

type Words = { [key: string]: string | Words };

function flatten(words: Words, at = ""): Map<string, string> {
  return new Map(
    Object.entries(words).flatMap(([key, value]): [string, string][] =>
      typeof value === "string" ? [[at + key, value]] : [...flatten(value, `${at}${key}.`)],
    ),
  );
}

// English counts in two forms, Chinese in one.
const base = (key: string) => key.replace(/_(one|other)$/, "");
const english = flatten(en);
const chinese = flatten(zh);

it("both languages have the same keys", () => {
  const keys = (words: Map<string, string>) => [...new Set([...words.keys()].map(base))].sort();
  expect(keys(chinese)).toEqual(keys(english));
});

it("no text is empty, and both languages fill in the same values", () => {
  const values = (text: string | undefined) =>
    [...(text?.matchAll(/\{\{(\w+)/g) ?? [])].map((m) => m[1]).sort();
  for (const [key, text] of chinese) {
    expect(text.trim(), key).not.toBe("");
    expect(values(text), key).toEqual(values(english.get(key)));
  }
});

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "api" ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) && !/\.test\./.test(entry.name) ? [path] : [];
  });
}

it("every key is used and every used key exists", () => {
  const text = sources("src")
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
  const literal = new Set([...text.matchAll(/["'`]([a-zA-Z]+(?:\.\w+)+)["'`]/g)].map((m) => m[1]));
  const single = new Set([...text.matchAll(/\bt\(\s*"(\w+)"/g)].map((m) => m[1]));
  const prefixes = [...text.matchAll(/\bt\(\s*`([\w.]+\.)\$\{/g)].map((m) => m[1] ?? "");
  // `action.ask.${act}.title`
  const patterns = [...text.matchAll(/\bt\(\s*`([\w.]+\.)\$\{\w+\}(\.\w+)`/g)].map((m) => [
    m[1] ?? "",
    m[2] ?? "",
  ]);
  const keys = [...new Set([...english.keys()].map(base))];
  const used = (key: string) =>
    literal.has(key) ||
    single.has(key) ||
    prefixes.some((p) => key.startsWith(p)) ||
    patterns.some(([a, b]) => key.startsWith(a ?? "") && key.endsWith(b ?? ""));
  expect(keys.filter((key) => !used(key))).toEqual([]);
  const called = [...text.matchAll(/\bt\(\s*"([\w.]+)"/g)].map((m) => m[1] ?? "");
  expect(called.filter((key) => !keys.includes(key))).toEqual([]);
});
