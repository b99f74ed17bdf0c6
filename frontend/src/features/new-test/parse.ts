/** Reads what people type into number fields, also with a Chinese input method. */
import type { Length } from "@/api/types.gen";

/** Why a text was not understood; a key of the dictionary under form.fault. */
export type FaultKey = "required" | "whole" | "list" | "length" | "order" | "duration" | "rate" | "url";

export type Parsed<T> = { ok: true; value: T } | { ok: false; fault: FaultKey };

const good = <T>(value: T): Parsed<T> => ({ ok: true, value });
const bad = <T>(fault: FaultKey): Parsed<T> => ({ ok: false, fault });

/** Full-width letters, digits, signs and spaces as the plain ones; Chinese commas as commas. */
export function halfWidth(text: string): string {
  return text
    .replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/[\u3001\uff64]/g, ",")
    .replace(/\u3000/g, " ")
    .trim();
}

/** "1,024" or "１０２４": a whole number from 1. */
export function parseWhole(text: string, least = 1): Parsed<number> {
  const plain = halfWidth(text);
  if (plain === "") return bad("required");
  const digits = /^\d{1,3}(,\d{3})+$/.test(plain) ? plain.replaceAll(",", "") : plain;
  if (!/^\d{1,12}$/.test(digits)) return bad("whole");
  const value = Number(digits);
  return value >= least ? good(value) : bad("whole");
}

/** "1, 8，64" or "1 8 64": whole numbers from 1. */
export function parseList(text: string): Parsed<number[]> {
  const words = halfWidth(text)
    .split(/[\s,;]+/)
    .filter((w) => w !== "");
  if (words.length === 0) return bad("required");
  const values = words.map((w) => parseWhole(w));
  if (values.some((v) => !v.ok)) return bad("list");
  return good(values.flatMap((v) => (v.ok ? [v.value] : [])));
}

/** "1024", or a range "512-1024", "512 – 1024", "512~1024", "512 至 1024". */
export function parseLength(text: string): Parsed<Length> {
  const plain = halfWidth(text);
  if (plain === "") return bad("required");
  const parts = plain.split(/\s*(?:-|–|—|~|～|\.\.|至|到)\s*/);
  const [from, to, ...more] = parts.map((p) => parseWhole(p));
  if (!from?.ok || more.length > 0) return bad("length");
  if (to === undefined) return good(from.value);
  if (!to.ok) return bad("length");
  if (to.value < from.value) return bad("order");
  return good(to.value === from.value ? from.value : { min: from.value, max: to.value });
}

/** "60s", "5m", "1h30m": a duration with its unit. */
export function parseDuration(text: string): Parsed<string> {
  const plain = halfWidth(text).replace(/\s+/g, "").toLowerCase();
  if (plain === "") return bad("required");
  return /^(\d+(\.\d+)?(ms|s|m|h))+$/.test(plain) && /[1-9]/.test(plain) ? good(plain) : bad("duration");
}

/** Requests per second, with or without a fraction. */
export function parseRate(text: string): Parsed<number> {
  const plain = halfWidth(text);
  if (plain === "") return bad("required");
  const value = Number(plain);
  return /^\d+(\.\d+)?$/.test(plain) && value > 0 ? good(value) : bad("rate");
}

/** An absolute http or https address. */
export function parseUrl(text: string): Parsed<string> {
  const plain = halfWidth(text);
  if (plain === "") return bad("required");
  try {
    const url = new URL(plain);
    return (url.protocol === "http:" || url.protocol === "https:") && url.hostname !== ""
      ? good(plain)
      : bad("url");
  } catch {
    return bad("url");
  }
}
