import { oneOf } from "@/lib/search";
import type { Search } from "@/lib/search";

export const TABS = ["result", "checks", "events", "files", "parameters"] as const;
export type Tab = (typeof TABS)[number];

/** What one looks at on the page of one test. */
export interface TestSearch {
  tab?: Tab;
  /** How the charts are shown. */
  charts?: "table";
  /** The spelling of the parameters. */
  as?: "json";
}

export function readTestSearch(s: Search): TestSearch {
  const tab = oneOf(s["tab"], TABS);
  return {
    ...(tab && tab !== "result" ? { tab } : {}),
    ...(s["charts"] === "table" ? { charts: "table" } : {}),
    ...(s["as"] === "json" ? { as: "json" } : {}),
  };
}
