import { expect, it } from "vitest";
import { toYaml } from "@/lib/yaml";

it("writes a whole test document", () => {
  const document = {
    name: "夜间 nightly",
    model: "Qwen/Qwen2.5-7B-Instruct",
    target: { url: "http://10.0.0.5:8000/v1", headers: { "X-Team": "yes" }, tls_verify: false },
    input_length: { min: 512, max: 1024 },
    concurrency: [1, 8, 64],
    slo: ["p99(ttft) < 500ms"],
    warmup: true,
    duration: "60s",
    prompts: { source: "text", text: "a: b\n# c", seed: 42 },
    host: undefined,
    headers: {},
  };
  expect(toYaml(document)).toBe(
    [
      "name: 夜间 nightly",
      "model: Qwen/Qwen2.5-7B-Instruct",
      "target:",
      '  url: "http://10.0.0.5:8000/v1"',
      "  headers:",
      '    X-Team: "yes"',
      "  tls_verify: false",
      "input_length:",
      "  min: 512",
      "  max: 1024",
      "concurrency: [1, 8, 64]",
      "slo:",
      '  - "p99(ttft) < 500ms"',
      "warmup: true",
      'duration: "60s"',
      "prompts:",
      "  source: text",
      '  text: "a: b\\n# c"',
      "  seed: 42",
      "headers: {}",
      "",
    ].join("\n"),
  );
});

it.each([
  "true",
  "No",
  "on",
  "~",
  "null",
  "12",
  "1.5",
  "-",
  "- a",
  "a: b",
  " a",
  "a ",
  "",
  "#x",
  "{a}",
  "y",
  "0x1f",
  ".inf",
])("%j stays text", (text) => expect(toYaml({ v: text })).toBe(`v: ${JSON.stringify(text)}\n`));
