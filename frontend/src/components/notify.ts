/** Short words about what was done. Kept outside React, so that anything may say something. */
import i18next from "i18next";
import type { Tone } from "@/components/tone";
import { toApiError } from "@/lib/errors";

export interface Toast {
  id: number;
  tone: Extract<Tone, "ok" | "bad">;
  title?: string;
  message: string;
}

const SHOWN = 4; // at once; older ones give way
const STAYS = 4_000; // milliseconds, for what went well

let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

export const getToasts = () => toasts;

export function subscribeToasts(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

export function removeToast(id: number): void {
  set(toasts.filter((toast) => toast.id !== id));
}

function add(toast: Omit<Toast, "id">): number {
  lastId += 1;
  set([...toasts, { ...toast, id: lastId }].slice(-SHOWN));
  return lastId;
}

/** A short word that something worked. */
export function notifyDone(message: string): void {
  const id = add({ tone: "ok", message });
  setTimeout(() => removeToast(id), STAYS);
}

/** Says that an action did not work; stays until it is closed. */
export function notifyError(error: unknown, what: string): void {
  const e = toApiError(error);
  const text = e.code === "offline" ? i18next.t("error.offlineDetail") : e.detail || e.title || e.code;
  const id = e.requestId ? ` (${i18next.t("error.requestId")} ${e.requestId})` : "";
  add({ tone: "bad", title: what, message: text + id });
}
