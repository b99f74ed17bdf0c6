import { textOf } from "@/lib/search";
import type { Search } from "@/lib/search";

/** Which folders of the archive are open, and which entry is looked at. */
export interface ArchiveSearch {
  open?: string[];
  at?: string;
}

export function readArchiveSearch(s: Search): ArchiveSearch {
  const raw: unknown[] = Array.isArray(s["open"])
    ? s["open"]
    : typeof s["open"] === "string"
      ? s["open"].split(",")
      : [];
  const open = [...new Set(raw.filter((p): p is string => typeof p === "string" && p !== ""))];
  const at = textOf(s["at"]);
  return { ...(open.length > 0 ? { open } : {}), ...(at ? { at } : {}) };
}
