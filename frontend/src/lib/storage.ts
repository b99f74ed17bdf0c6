/** What this browser remembers. A browser that refuses to remember is no reason to fail. */

const prefix = "plimsoll.";

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(prefix + key, value);
  } catch {
    // private mode or a full store: the page works without
  }
}

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(prefix + key);
  } catch {
    return null;
  }
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(prefix + key);
  } catch {
    // see remember
  }
}
