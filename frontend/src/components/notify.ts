import { notifications } from "@mantine/notifications";
import i18next from "i18next";
import { toApiError } from "@/lib/errors";

/** A short word that something worked. */
export function notifyDone(message: string): void {
  notifications.show({ message, color: "green", autoClose: 4000 });
}

/** Says that an action did not work; stays until it is closed. */
export function notifyError(error: unknown, what: string): void {
  const e = toApiError(error);
  const text = e.code === "offline" ? i18next.t("error.offlineDetail") : e.detail || e.title || e.code;
  const id = e.requestId ? ` (${i18next.t("error.requestId")} ${e.requestId})` : "";
  notifications.show({ title: what, message: text + id, color: "red", autoClose: false });
}
