/** Figures as people read them. One formatter per unit; what is not known is a dash, never 0. */

export const UNKNOWN = "—";

type Figure = number | null | undefined;

function known(value: Figure): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

const numberFormats = [0, 1, 2, 3].map(
  (digits) =>
    new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);

/** A measured figure without its unit: at most four significant digits below 1,000. */
export function formatFigure(value: Figure): string {
  if (!known(value)) return UNKNOWN;
  const size = Math.abs(value);
  const digits = size === 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3;
  return numberFormats[digits]?.format(value) ?? String(value);
}

/** A count. */
export function formatCount(value: Figure): string {
  return known(value) ? (numberFormats[0]?.format(value) ?? String(value)) : UNKNOWN;
}

/** A latency in milliseconds. */
export function formatMs(value: Figure): string {
  return known(value) ? `${formatFigure(value)} ms` : UNKNOWN;
}

/** Tokens or requests per second. */
export function formatRate(value: Figure, unit: "tok/s" | "req/s"): string {
  return known(value) ? `${formatFigure(value)} ${unit}` : UNKNOWN;
}

/** A share of 0 to 100. */
export function formatPercent(value: Figure): string {
  if (!known(value)) return UNKNOWN;
  const digits = value > 0 && value < 1 ? 2 : value > 99 && value < 100 ? 1 : 0;
  return `${value.toFixed(digits)} %`;
}

/** A span of time given in milliseconds, in the two largest units. */
export function formatDuration(ms: Figure): string {
  if (!known(ms)) return UNKNOWN;
  if (ms > 0 && ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const two = (n: number) => String(n).padStart(2, "0");
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const hours = Math.floor(seconds / 3600);
  return `${hours} h ${two(Math.floor((seconds % 3600) / 60))} min`;
}

/** A size in bytes, in binary units. */
export function formatBytes(bytes: Figure): string {
  if (!known(bytes)) return UNKNOWN;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${value} B` : `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit] ?? ""}`;
}

/** A span that still grows: whole seconds, so it ticks evenly. */
export function formatElapsed(ms: Figure): string {
  if (!known(ms)) return UNKNOWN;
  return ms < 60_000 ? `${Math.floor(ms / 1000)} s` : formatDuration(Math.floor(ms / 1000) * 1000);
}

const two = (n: number) => String(n).padStart(2, "0");

/** A moment in the reader's zone, 2026-11-23 23:08:12; the same spelling in every language. */
export function formatTime(iso: string | null | undefined, withSeconds = true): string {
  const t = iso ? new Date(iso) : undefined;
  if (!t || Number.isNaN(t.getTime())) return UNKNOWN;
  const day = `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())}`;
  const time = `${two(t.getHours())}:${two(t.getMinutes())}`;
  return withSeconds ? `${day} ${time}:${two(t.getSeconds())}` : `${day} ${time}`;
}

/** The reader's zone at that moment, +08:00. */
export function formatOffset(iso: string): string {
  const t = new Date(iso);
  if (Number.isNaN(t.getTime())) return "";
  const minutes = -t.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "−" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** Milliseconds from one moment to another; undefined when one is missing. */
export function spanMs(from: string | null | undefined, to: string | null | undefined): number | undefined {
  if (!from || !to) return undefined;
  const ms = Date.parse(to) - Date.parse(from);
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
