import { useTranslation } from "react-i18next";
import { Notice } from "@/components/notice";
import { ProblemAlert } from "@/components/problem";
import { useNow } from "@/components/use-now";
import type { Link } from "@/features/test/use-live";
import { formatTime } from "@/lib/format";

/** Says when what is seen is not live any more, since when, and when the next try is. */
export function LinkBanner({ link }: { link: Link }) {
  const { t } = useTranslation();
  const now = useNow(link.status === "lost");
  if (link.status === "refused") return <ProblemAlert error={link.error} onRetry={() => location.reload()} />;
  if (link.status !== "lost") return null;
  const seconds = Math.max(0, Math.ceil((link.retryAt - now) / 1000));
  return (
    <Notice tone="warn" icon="cloudOff" role="status">
      {t("live.lost", { time: formatTime(new Date(link.since).toISOString()), seconds })}
    </Notice>
  );
}
