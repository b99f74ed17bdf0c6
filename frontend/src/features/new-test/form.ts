/** What the form holds, how it is checked, and how it becomes the document that is sent and back. */
import { config, z } from "zod";
import type { Length, Spec } from "@/api/types.gen";
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

const read = <T>(parse: (text: string) => Parsed<T>, text: string, path: string, ctx: z.RefinementCtx) => {
  const parsed = parse(text);
  if (!parsed.ok) ctx.addIssue({ code: "custom", path: [path], message: parsed.fault });
};

// Compiling checks at run time is forbidden by the page's content security policy.
config({ jitless: true });

/** The fields as they are typed. A message is a key below form.fault. */
export const formSchema = z
  .object({
    name: z.string(),
    model: z.string().refine((s) => s.trim() !== "", { message: "required" }),
    engine: z.string(),
    url: z.string(),
    api: z.enum(["chat", "completions"]),
    credential: z.string(),
    tlsVerify: z.boolean(),
    mode: z.enum(["local", "simulated", "remote"]),
    generator: z.enum(["evalscope", "native"]),
    inputLength: z.string(),
    outputLength: z.string(),
    load: z.enum(["concurrency", "rate"]),
    concurrency: z.string(),
    rate: z.string(),
    loop: z.string(),
    limit: z.enum(["requests", "duration"]),
    requests: z.string(),
    duration: z.string(),
    warmup: z.boolean(),
    warmupRequests: z.string(),
    stream: z.boolean(),
    retries: z.string(),
    archive: z.enum(["never", "on_success", "always"]),
  })
  .superRefine((v, ctx) => {
    if (v.mode !== "simulated" || v.url.trim() !== "") read(parseUrl, v.url, "url", ctx);
    read(parseLength, v.inputLength, "inputLength", ctx);
    read(parseLength, v.outputLength, "outputLength", ctx);
    if (v.load === "concurrency") read(parseList, v.concurrency, "concurrency", ctx);
    else read(parseRate, v.rate, "rate", ctx);
    read(parseWhole, v.loop, "loop", ctx);
    if (v.limit === "duration") read(parseDuration, v.duration, "duration", ctx);
    else if (v.requests.trim() !== "") read(parseWhole, v.requests, "requests", ctx);
    if (v.warmup && v.warmupRequests.trim() !== "") read(parseWhole, v.warmupRequests, "warmupRequests", ctx);
    read((s) => parseWhole(s, 0), v.retries, "retries", ctx);
  });

export type FormValues = z.infer<typeof formSchema>;
export type FieldName = keyof FormValues;

export const emptyForm: FormValues = {
  name: "",
  model: "",
  engine: "",
  url: "",
  api: "chat",
  credential: "",
  tlsVerify: true,
  mode: "local",
  generator: "evalscope",
  inputLength: "1024",
  outputLength: "256",
  load: "concurrency",
  concurrency: "1, 8, 64",
  rate: "",
  loop: "1",
  limit: "requests",
  requests: "",
  duration: "60s",
  warmup: true,
  warmupRequests: "",
  stream: true,
  retries: "2",
  archive: "never",
};

const value = <T>(parsed: Parsed<T>): T | undefined => (parsed.ok ? parsed.value : undefined);

/**
 * The document of checked values. `kept` carries fields the form does not show, so that cloning a test
 * written as YAML loses nothing.
 */
export function toSpec(v: FormValues, kept: Partial<Spec> = {}): Spec {
  const target = {
    ...kept.target,
    ...text("url", halfWidth(v.url)),
    api: v.api,
    ...text("credential", v.credential.trim()),
    ...(v.tlsVerify ? {} : { tls_verify: false }),
  };
  return {
    ...text("name", v.name.trim()),
    model: v.model.trim(),
    ...text("engine", v.engine.trim()),
    target,
    mode: v.mode,
    generator: v.generator,
    input_length: value(parseLength(v.inputLength)) ?? 0,
    output_length: value(parseLength(v.outputLength)) ?? 0,
    ...(v.load === "concurrency"
      ? { concurrency: value(parseList(v.concurrency)) ?? [] }
      : { rate: value(parseRate(v.rate)) ?? 0 }),
    loop: value(parseWhole(v.loop)) ?? 1,
    ...amount(v),
    warmup: warmup(v),
    stream: v.stream,
    retries: value(parseWhole(v.retries, 0)) ?? 0,
    archive: v.archive,
    ...hidden(kept),
  };
}

function text<K extends string>(key: K, s: string): { [key in K]?: string } {
  return (s === "" ? {} : { [key]: s }) as { [key in K]?: string };
}

function amount(v: FormValues): Pick<Spec, "requests" | "duration"> {
  if (v.limit === "duration") return { duration: value(parseDuration(v.duration)) ?? "" };
  const n = value(parseWhole(v.requests));
  return n === undefined ? {} : { requests: n };
}

function warmup(v: FormValues): NonNullable<Spec["warmup"]> {
  const n = v.warmup ? value(parseWhole(v.warmupRequests)) : undefined;
  return n === undefined ? v.warmup : { requests: n };
}

/** The fields of a document the form has no place for. */
export function hidden(s: Partial<Spec>): Partial<Spec> {
  const { host, prompts, slo, timeouts, runners, share_target } = s;
  const rest = { host, prompts, slo, timeouts, runners, share_target };
  return Object.fromEntries(Object.entries(rest).filter(([, v]) => v !== undefined));
}

/** The fields of a document as one would type them. */
export function fromSpec(s: Spec): FormValues {
  return {
    ...emptyForm,
    name: s.name ?? "",
    model: s.model,
    engine: s.engine === "unknown" ? "" : (s.engine ?? ""),
    url: s.target?.url ?? "",
    api: s.target?.api ?? "chat",
    credential: s.target?.credential ?? "",
    tlsVerify: s.target?.tls_verify ?? true,
    mode: s.mode ?? "local",
    generator: s.generator ?? "evalscope",
    inputLength: typedLength(s.input_length),
    outputLength: typedLength(s.output_length),
    load: s.rate === undefined ? "concurrency" : "rate",
    concurrency: s.rate === undefined ? typedLevels(s.concurrency) : emptyForm.concurrency,
    rate: s.rate === undefined ? "" : String(s.rate),
    loop: String(s.loop ?? 1),
    limit: s.duration === undefined ? "requests" : "duration",
    requests: s.requests === undefined ? "" : String(s.requests),
    duration: s.duration ?? emptyForm.duration,
    warmup: typeof s.warmup === "object" ? true : (s.warmup ?? false),
    warmupRequests: typeof s.warmup === "object" ? String(s.warmup.requests) : "",
    stream: s.stream ?? true,
    retries: String(s.retries ?? 2),
    archive: s.archive ?? "never",
  };
}

function typedLength(l: Length): string {
  return typeof l === "number" ? String(l) : `${l.min}-${l.max}`;
}

function typedLevels(c: Spec["concurrency"]): string {
  return Array.isArray(c) ? c.join(", ") : c === undefined ? "" : String(c);
}

const pointers: Record<string, FieldName> = {
  "/name": "name",
  "/model": "model",
  "/engine": "engine",
  "/target": "url",
  "/target/url": "url",
  "/target/api": "api",
  "/target/credential": "credential",
  "/target/tls_verify": "tlsVerify",
  "/mode": "mode",
  "/generator": "generator",
  "/input_length": "inputLength",
  "/output_length": "outputLength",
  "/concurrency": "concurrency",
  "/rate": "rate",
  "/loop": "loop",
  "/requests": "requests",
  "/duration": "duration",
  "/warmup": "warmupRequests",
  "/stream": "stream",
  "/retries": "retries",
  "/archive": "archive",
};

/** The field a fault of the server belongs to: /concurrency/1 → concurrency. */
export function fieldOf(pointer: string): FieldName | undefined {
  for (let at = pointer; at.startsWith("/"); at = at.slice(0, at.lastIndexOf("/"))) {
    const field = pointers[at];
    if (field) return field;
  }
  return undefined;
}

/** A draft kept by this browser; fields of an older version or of the wrong type fall back. */
export function readDraft(stored: string | null): FormValues | undefined {
  if (stored === null) return undefined;
  try {
    const draft = z.record(z.string(), z.unknown()).parse(JSON.parse(stored));
    const merged = formSchema.safeParse({ ...emptyForm, ...draft });
    // Issues of the second kind are about what was typed; the draft is shown with them.
    const shapeIsRight = merged.success || merged.error.issues.every((i) => i.code === "custom");
    return shapeIsRight ? { ...emptyForm, ...pick(draft) } : undefined;
  } catch {
    return undefined;
  }
}

function pick(draft: Record<string, unknown>): Partial<FormValues> {
  return Object.fromEntries(Object.keys(emptyForm).flatMap((k) => (k in draft ? [[k, draft[k]]] : [])));
}
