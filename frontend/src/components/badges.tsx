import { Badge, Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { State, TestSummary, Verdict } from "@/api/types.gen";
import { Icon } from "@/components/icon";
import type { IconName } from "@/components/icon";

const states: Record<State, { icon: IconName; color: string }> = {
  queued: { icon: "clock", color: "gray" },
  preflight: { icon: "search", color: "blue" },
  probing: { icon: "search", color: "blue" },
  running: { icon: "play", color: "blue" },
  reporting: { icon: "report", color: "blue" },
  succeeded: { icon: "circleCheck", color: "green" },
  failed: { icon: "circleX", color: "red" },
  cancelling: { icon: "stop", color: "orange" },
  cancelled: { icon: "stop", color: "gray" },
};

/** How far the test is: icon and word, never colour alone. */
export function StateBadge({ state, size = "md" }: { state: State; size?: "sm" | "md" | "lg" }) {
  const { t } = useTranslation();
  const { icon, color } = states[state];
  return (
    <Badge
      variant="light"
      color={color}
      size={size}
      leftSection={<Icon name={icon} size={13} />}
      data-state={state}
    >
      {t(`state.${state}`)}
    </Badge>
  );
}

const verdicts: Record<Exclude<Verdict, "none">, { icon: IconName; color: string }> = {
  pass: { icon: "check", color: "green" },
  fail: { icon: "circleX", color: "red" },
  inconclusive: { icon: "circleDash", color: "yellow" },
};

/** What the figures say; nothing when nothing was judged. */
export function VerdictBadge({ verdict, size = "md" }: { verdict: Verdict; size?: "sm" | "md" | "lg" }) {
  const { t } = useTranslation();
  if (verdict === "none") return null;
  const { icon, color } = verdicts[verdict];
  return (
    <Badge variant="outline" color={color} size={size} leftSection={<Icon name={icon} size={13} />}>
      {t(`verdict.${verdict}`)}
    </Badge>
  );
}

/** Where it is kept, and what the archiver is doing about it. */
export function PlaceBadge({ test }: { test: TestSummary }) {
  const { t } = useTranslation();
  if (
    test.wanted === "archive_requested" ||
    test.wanted === "restore_requested" ||
    test.wanted === "delete_requested"
  ) {
    return (
      <Badge variant="dot" color="blue">
        {t(`wanted.${test.wanted}`)}
      </Badge>
    );
  }
  if (test.trashed) {
    return (
      <Badge variant="default" leftSection={<Icon name="trash" size={13} />}>
        {t("place.trash")}
      </Badge>
    );
  }
  if (!test.archived) return null;
  return (
    <Tooltip label={test.archive_path ?? ""} disabled={!test.archive_path}>
      <Badge variant="default" leftSection={<Icon name="archive" size={13} />}>
        {t("place.archive")}
      </Badge>
    </Tooltip>
  );
}
