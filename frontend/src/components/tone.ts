import type { CSSProperties } from "react";

/** How something stands; each has a colour that reads well on both themes. */
export type Tone = "ok" | "warn" | "bad" | "busy" | "idle";

/** The colour of a tone as the CSS variable --tone. */
export function toneOf(tone: Tone): CSSProperties {
  return { ["--tone" as string]: `var(--${tone})` };
}
