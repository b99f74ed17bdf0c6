import { expect, it } from "vitest";
import { safePath } from "@/features/auth/safe-path";

it.each([
  ["/tests?state=running,failed&model=Qwen/Qwen2.5", "/tests?state=running,failed&model=Qwen/Qwen2.5"],
  ["/archive", "/archive"],
  [undefined, "/tests"],
  ["", "/tests"],
  ["//evil.example", "/tests"],
  ["/\\evil.example", "/tests"],
  ["https://evil.example", "/tests"],
  ["javascript:alert(1)", "/tests"],
  ["/sign-in?to=/sign-in", "/tests"],
  ["/register?token=x", "/tests"],
  ["/a\nb", "/tests"],
])("%j → %s", (to, want) => expect(safePath(to)).toBe(want));
