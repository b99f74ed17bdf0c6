/** How what one looks at is written into the address: flat words, lists with commas, nothing for defaults. */

export type Search = Record<string, unknown>;

/** Reads ?a=1&b=x,y into text values. The last of equal names wins. */
export function parseSearch(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search));
}

/** Writes values back; undefined, empty text, false and empty lists are left out. */
export function stringifySearch(search: Search): string {
  const parts: string[] = [];
  for (const [key, value] of Object.entries(search)) {
    const text = Array.isArray(value) ? value.join(",") : value === true ? "1" : value;
    if (text === undefined || text === null || text === "" || text === false) continue;
    parts.push(`${encodeURIComponent(key)}=${readable(String(text))}`);
  }
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}

// Commas, slashes and colons are allowed in a query and are easier on the eye unescaped.
function readable(text: string): string {
  return encodeURIComponent(text).replaceAll("%2C", ",").replaceAll("%2F", "/").replaceAll("%3A", ":");
}

/** The value when it is one of the allowed words. */
export function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((a) => a === value);
}

/** The allowed words of a comma list or an array, without repeats, in the order of `allowed`. */
export function someOf<T extends string>(value: unknown, allowed: readonly T[]): T[] {
  const words: unknown[] = Array.isArray(value) ? value : typeof value === "string" ? value.split(",") : [];
  return allowed.filter((a) => words.includes(a));
}

/** Text that is not empty. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

/** The same without one member. */
export function without<T extends object, K extends keyof T>(from: T, key: K): Omit<T, K> {
  const { [key]: _dropped, ...rest } = from;
  return rest;
}
