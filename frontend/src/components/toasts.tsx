import { CloseButton } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "@/components/icon";
import { getToasts, removeToast, subscribeToasts } from "@/components/notify";
import { toneOf } from "@/components/tone";
import classes from "@/components/toasts.module.css";

/** Short words about what was done, over the page; readers of the screen hear them. */
export function Toasts() {
  const { t } = useTranslation();
  const toasts = useSyncExternalStore(subscribeToasts, getToasts);
  return (
    <div
      className={`${classes.stack ?? ""} no-print`}
      role="log"
      aria-live="polite"
      aria-label={t("toast.label")}
    >
      {toasts.map((toast) => (
        <div key={toast.id} className={classes.toast} style={toneOf(toast.tone)}>
          <Icon name={toast.tone === "ok" ? "circleCheck" : "circleX"} size={20} color="var(--tone)" />
          <div className={classes.words}>
            {toast.title && <b>{toast.title}</b>}
            <div>{toast.message}</div>
          </div>
          <CloseButton size="sm" aria-label={t("toast.close")} onClick={() => removeToast(toast.id)} />
        </div>
      ))}
    </div>
  );
}
