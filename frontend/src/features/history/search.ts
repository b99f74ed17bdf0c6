import type { State } from "@/api/types.gen";
import type { ListFilter } from "@/data/tests";
import { oneOf, someOf, textOf } from "@/lib/search";
import type { Search } from "@/lib/search";
import { STATES } from "@/lib/states";

/** What one looks at on the history page; all of it is in the address. */
export interface HistorySearch {
  state?: State[];
  model?: string;
  engine?: string;
  show?: "archived" | "trash";
}

/** Reads the address; what makes no sense is left out. */
export function readHistorySearch(s: Search): HistorySearch {
  const state = someOf(s["state"], STATES);
  const model = textOf(s["model"]);
  const engine = textOf(s["engine"]);
  const show = oneOf(s["show"], ["archived", "trash"] as const);
  return {
    ...(state.length > 0 ? { state } : {}),
    ...(model ? { model } : {}),
    ...(engine ? { engine } : {}),
    ...(show ? { show } : {}),
  };
}

/** What the server is asked for. */
export function filterOf(s: HistorySearch): ListFilter {
  return {
    ...(s.state ? { state: s.state } : {}),
    ...(s.model ? { model: s.model } : {}),
    ...(s.engine ? { engine: s.engine } : {}),
    ...(s.show === "archived" ? { archived: true } : {}),
    ...(s.show === "trash" ? { trashed: true } : {}),
  };
}

/** Whether something narrows the list. */
export function isFiltered(s: HistorySearch): boolean {
  return Boolean(s.state ?? s.model ?? s.engine ?? s.show);
}
