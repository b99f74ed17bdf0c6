import { cleanup } from "@testing-library/react";
import { afterEach, beforeAll } from "vitest";

// Some tests run without a page; they need none of this.
if (typeof window !== "undefined") {
  const { startI18n } = await import("@/lib/i18n");
  beforeAll(async () => {
    localStorage.setItem("plimsoll.language", "en");
    await startI18n();
  });
  afterEach(() => {
    cleanup();
    localStorage.clear();
  });
}
