/** Writes plain data as YAML. Only what a test document holds: maps, lists, text, numbers, booleans, null. */
export function toYaml(value: unknown): string {
  return `${block(value, 0).trimEnd()}\n`;
}

function block(value: unknown, depth: number): string {
  const pad = "  ".repeat(depth);
  if (Array.isArray(value)) return value.map((item) => `${pad}- ${inline(item)}\n`).join("");
  if (isMap(value)) {
    return entries(value)
      .map(([key, v]) => {
        const nested = isMap(v) && entries(v).length > 0;
        const longList = Array.isArray(v) && v.some((item) => typeof item !== "number");
        if (nested || longList) return `${pad}${scalar(key)}:\n${block(v, depth + 1)}`;
        return `${pad}${scalar(key)}: ${inline(v)}\n`;
      })
      .join("");
  }
  return `${pad}${inline(value)}\n`;
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (isMap(value)) {
    return `{${entries(value)
      .map(([key, v]) => `${scalar(key)}: ${inline(v)}`)
      .join(", ")}}`;
  }
  return scalar(value);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function entries(value: Record<string, unknown>): [string, unknown][] {
  return Object.entries(value).filter(([, v]) => v !== undefined);
}

// Words a YAML 1.1 or 1.2 reader would take for something else than text.
const reserved = /^(?:~|null|true|false|yes|no|on|off|y|n|[-+]?\.(?:inf|nan))$/i;
const plain = /^[A-Za-z_\u00a1-\uffff][A-Za-z0-9_./@+\u00a1-\uffff -]*$/;

function scalar(value: unknown): string {
  if (typeof value !== "string") return value === undefined || value === null ? "null" : String(value);
  const safe = plain.test(value) && !reserved.test(value) && !/\s$/.test(value);
  return safe ? value : JSON.stringify(value);
}
