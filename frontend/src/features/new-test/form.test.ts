import { describe, expect, it } from "vitest";
import type { Spec } from "@/api/types.gen";
import { curlOf } from "@/features/new-test/curl";
import {
  emptyForm,
  fieldOf,
  formSchema,
  fromSpec,
  hidden,
  readDraft,
  toSpec,
} from "@/features/new-test/form";
import type { FormValues } from "@/features/new-test/form";

const filled: FormValues = { ...emptyForm, model: "m", url: "http://t/v1" };

function faults(values: FormValues): Record<string, string> {
  const checked = formSchema.safeParse(values);
  return checked.success
    ? {}
    : Object.fromEntries(checked.error.issues.map((i) => [i.path.join("."), i.message]));
}

describe("checking", () => {
  it("takes a filled form", () => expect(faults(filled)).toEqual({}));

  it("finds everything at once", () => {
    expect(
      faults({ ...emptyForm, inputLength: "9-1", concurrency: "1,x", loop: "0", retries: "-1" }),
    ).toEqual({
      model: "required",
      url: "required",
      inputLength: "order",
      concurrency: "list",
      loop: "whole",
      retries: "whole",
    });
  });

  it.each<[string, Partial<FormValues>, Record<string, string>]>([
    ["a simulated target needs no address", { mode: "simulated", url: "" }, {}],
    ["but one that is given is checked", { mode: "simulated", url: "nonsense" }, { url: "url" }],
    ["what is not shown is not checked", { load: "rate", rate: "2", concurrency: "x" }, {}],
    ["a rate is needed when load is by rate", { load: "rate" }, { rate: "required" }],
    ["requests may be left to the server", { requests: "" }, {}],
    ["requests that are given are checked", { requests: "many" }, { requests: "whole" }],
    ["a duration needs its unit", { limit: "duration", duration: "60" }, { duration: "duration" }],
    ["no retry is a number too", { retries: "0" }, {}],
    ["warm-up requests are not checked when there is none", { warmup: false, warmupRequests: "x" }, {}],
  ])("%s", (_name, part, want) => expect(faults({ ...filled, ...part })).toEqual(want));
});

describe("the document", () => {
  it("is what was typed", () => {
    expect(
      toSpec({
        ...filled,
        name: " n ",
        inputLength: "５１２～1024",
        concurrency: "1, 8，64",
        warmupRequests: "5",
        requests: "200",
      }),
    ).toEqual({
      name: "n",
      model: "m",
      target: { url: "http://t/v1", api: "chat" },
      mode: "local",
      generator: "evalscope",
      input_length: { min: 512, max: 1024 },
      output_length: 256,
      concurrency: [1, 8, 64],
      loop: 1,
      requests: 200,
      warmup: { requests: 5 },
      stream: true,
      retries: 2,
      archive: "never",
    });
  });

  it.each<[string, Spec]>([
    [
      "by concurrency",
      {
        name: "n",
        model: "m",
        engine: "vllm",
        target: { url: "http://t/v1", api: "completions", credential: "c", tls_verify: false },
        mode: "local",
        generator: "evalscope",
        input_length: { min: 1, max: 2 },
        output_length: 3,
        concurrency: [4, 5],
        loop: 6,
        requests: 7,
        warmup: { requests: 8 },
        stream: false,
        retries: 0,
        archive: "always",
      },
    ],
    [
      "by rate and duration",
      {
        model: "m",
        target: { api: "chat" },
        mode: "simulated",
        generator: "evalscope",
        input_length: 1,
        output_length: 2,
        rate: 12.5,
        loop: 1,
        duration: "1m0s",
        warmup: false,
        stream: true,
        retries: 2,
        archive: "on_success",
      },
    ],
  ])("comes back from the form as it was: %s", (_name, spec) => {
    expect(toSpec(fromSpec(spec))).toEqual(spec);
  });

  it("loses nothing the form cannot show", () => {
    const kept = {
      slo: ["p99(ttft) < 1s"],
      timeouts: { stall: "5s" },
      prompts: { seed: 1 },
      share_target: true,
    };
    const spec: Spec = { model: "m", input_length: 1, output_length: 1, ...kept };
    expect(hidden(spec)).toEqual(kept);
    expect(toSpec(fromSpec(spec), { ...hidden(spec), target: { headers: { a: "b" } } })).toMatchObject({
      ...kept,
      target: { headers: { a: "b" } },
    });
  });

  it("takes a single level and the defaults a server fills in", () => {
    const values = fromSpec({
      model: "m",
      engine: "unknown",
      input_length: 1,
      output_length: 1,
      concurrency: 8,
      warmup: true,
    });
    expect([values.engine, values.concurrency, values.warmup, values.warmupRequests]).toEqual([
      "",
      "8",
      true,
      "",
    ]);
  });
});

it.each([
  ["/concurrency/1", "concurrency"],
  ["/target/url", "url"],
  ["/target/headers/x-key", "url"],
  ["/input_length/min", "inputLength"],
  ["/warmup/requests", "warmupRequests"],
  ["/slo/0", undefined],
  ["", undefined],
  ["header/Idempotency-Key", undefined],
])("a fault at %s belongs to %s", (pointer, want) => expect(fieldOf(pointer)).toBe(want));

describe("a draft", () => {
  it("comes back even when it is half filled", () => {
    const half = { ...emptyForm, model: "", concurrency: "1,", engine: "vllm" };
    expect(readDraft(JSON.stringify(half))).toEqual(half);
  });
  it("of an older version keeps what is still known", () => {
    expect(readDraft(JSON.stringify({ model: "m", gone: 1 }))).toEqual({ ...emptyForm, model: "m" });
  });
  it.each([
    [null],
    ["no json"],
    ["[]"],
    ["7"],
    [JSON.stringify({ mode: "elsewhere" })],
    [JSON.stringify({ stream: "yes" })],
  ])("that makes no sense is dropped: %s", (stored) => expect(readDraft(stored)).toBeUndefined());
});

it("writes a call one can paste into a shell", () => {
  const text = curlOf("http://h", { model: "it's", input_length: 1, output_length: 1 });
  expect(text).toContain("http://h/api/v1/tests/run");
  expect(text).toContain("Bearer $PLIMSOLL_TOKEN");
  expect(text).toContain(`"it'\\''s"`);
});
