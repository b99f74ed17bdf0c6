import { Badge, Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { State, TestSummary, Verdict } from "@/api/types.gen";
import { Icon } from "@/components/icon";
import type { IconName } from "@/components/icon";
import { toneOf } from "@/components/tone";
import type { Tone } from "@/components/tone";
import classes from "@/components/badges.module.css";

const states: Record<State, { icon: IconName; tone: Tone }> = {
  queued: { icon: "clock", tone: "idle" },
  preflight: { icon: "search", tone: "busy" },
  probing: { icon: "search", tone: "busy" },
  running: { icon: "play", tone: "busy" },
  reporting: { icon: "report", tone: "busy" },
  succeeded: { icon: "circleCheck", tone: "ok" },
  failed: { icon: "circleX", tone: "bad" },
  cancelling: { icon: "stop", tone: "warn" },
  cancelled: { icon: "stop", tone: "idle" },
};

/** How far the test is: icon and word, never colour alone. */
export function StateBadge({ state, size = "md" }: { state: State; size?: "sm" | "md" | "lg" }) {
  const { t } = useTranslation();
  const { icon, tone } = states[state];
  return (
    <Badge
      className={classes.badge ?? ""}
      style={toneOf(tone)}
      size={size}
      leftSection={<Icon name={icon} size={13} />}
      data-state={state}
    >
      {t(`state.${state}`)}
    </Badge>
  );
}

const verdicts: Record<Exclude<Verdict, "none">, { icon: IconName; tone: Tone }> = {
  pass: { icon: "check", tone: "ok" },
  fail: { icon: "circleX", tone: "bad" },
  inconclusive: { icon: "circleDash", tone: "warn" },
};

/** What the figures say; nothing when nothing was judged. */
export function VerdictBadge({ verdict, size = "md" }: { verdict: Verdict; size?: "sm" | "md" | "lg" }) {
  const { t } = useTranslation();
  if (verdict === "none") return null;
  const { icon, tone } = verdicts[verdict];
  return (
    <Badge
      className={classes.framed ?? ""}
      style={toneOf(tone)}
      size={size}
      leftSection={<Icon name={icon} size={13} />}
    >
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
      <Badge
        className={classes.badge ?? ""}
        style={toneOf("busy")}
        leftSection={<Icon name="clock" size={13} />}
      >
        {t(`wanted.${test.wanted}`)}
      </Badge>
    );
  }
  if (test.trashed) {
    return (
      <Badge
        className={classes.framed ?? ""}
        style={toneOf("idle")}
        leftSection={<Icon name="trash" size={13} />}
      >
        {t("place.trash")}
      </Badge>
    );
  }
  if (!test.archived) return null;
  return (
    <Tooltip label={test.archive_path ?? ""} disabled={!test.archive_path}>
      <Badge
        className={classes.framed ?? ""}
        style={toneOf("idle")}
        leftSection={<Icon name="archive" size={13} />}
      >
        {t("place.archive")}
      </Badge>
    </Tooltip>
  );
}
