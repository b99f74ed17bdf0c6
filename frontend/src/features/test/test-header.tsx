import { Group, Stack, Text, Title } from "@mantine/core";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { AnchorLink, ButtonLink } from "@/components/links";
import type { Test } from "@/api/types.gen";
import { ActionButton } from "@/components/action-button";
import { PlaceBadge, StateBadge, VerdictBadge } from "@/components/badges";
import { CopyButton } from "@/components/copy-button";
import { Icon } from "@/components/icon";
import { useNow } from "@/components/use-now";
import type { TestActions } from "@/components/use-test-actions";
import classes from "@/features/test/test-header.module.css";
import { LinkBanner } from "@/features/test/link-banner";
import { ProgressLine } from "@/features/test/progress-line";
import type { Live } from "@/features/test/use-live";
import { formatDuration, formatElapsed, formatOffset, formatTime, spanMs } from "@/lib/format";
import { isFinal, titleOf } from "@/lib/states";

interface Props {
  test: Test;
  live: Live;
  actions: TestActions;
}

/** What it is, how far it is, what can be done with it. */
export function TestHeader({ test, live, actions }: Props) {
  const { t } = useTranslation();
  const moving = !isFinal(test.state);
  const name = titleOf(test);
  useTitle(moving && live.progress ? `${Math.floor(live.progress.percent)} % · ${name}` : name);
  return (
    <Stack gap="xs" component="header">
      <Text size="xs">
        <AnchorLink to="/tests" size="xs">
          {t("nav.tests")}
        </AnchorLink>
      </Text>
      <div className={classes.head}>
        <Group gap="xs" miw={0}>
          <Title order={1} size="h3" style={{ overflowWrap: "anywhere" }}>
            {name}
          </Title>
          <StateBadge state={test.state} size="lg" />
          <VerdictBadge verdict={test.verdict} size="lg" />
          <PlaceBadge test={test} />
        </Group>
        <Actions test={test} actions={actions} />
      </div>
      <Facts test={test} />
      <LinkBanner link={live.link} />
      {moving && <ProgressLine test={test} progress={live.progress} stale={live.link.status === "lost"} />}
      <div className="sr-only" role="status" aria-live="polite">
        {t("result.nowState", { state: t(`state.${test.state}`) })}
      </div>
    </Stack>
  );
}

function Facts({ test }: { test: Test }) {
  const { t } = useTranslation();
  const moving = !isFinal(test.state);
  const now = useNow(moving);
  const end = test.finished_at ?? (moving ? new Date(now).toISOString() : test.updated_at);
  return (
    <Group gap={6} fz="sm" c="dimmed">
      <span>{test.model}</span>·<span>{test.engine}</span>·
      <span>
        {test.generator} {test.generator_info?.version}
      </span>
      ·
      <span>
        {test.input_length} → {test.output_length} {t("unit.tokens")}
      </span>
      ·<span title={`UTC${formatOffset(test.created_at)}`}>{formatTime(test.created_at)}</span>·
      <span>{(moving ? formatElapsed : formatDuration)(spanMs(test.created_at, end))}</span>·
      <span>{test.created_by}</span>
      <Group gap={2}>
        <span className="mono">{test.id.slice(-8)}</span>
        <CopyButton text={test.id} what={t("result.id")} />
      </Group>
    </Group>
  );
}

function Actions({ test, actions }: { test: Test; actions: TestActions }) {
  const { t } = useTranslation();
  return (
    <Group gap="xs" className="no-print" style={{ flex: "none" }} maw="100%">
      {!isFinal(test.state) ? (
        <ActionButton test={test} act="cancel" actions={actions} />
      ) : (
        <>
          {test.state === "succeeded" && !test.trashed && (
            <ActionButton primary test={test} act="download" actions={actions} />
          )}
          {test.archived || test.trashed ? (
            <ActionButton test={test} act="restore" actions={actions} />
          ) : (
            test.state === "succeeded" && <ActionButton test={test} act="archive" actions={actions} />
          )}
          <ActionButton test={test} act={test.trashed ? "purge" : "delete"} actions={actions} />
        </>
      )}
      <ButtonLink
        to="/tests/new"
        search={{ from: test.id }}
        size="xs"
        variant="default"
        leftSection={<Icon name="clone" />}
      >
        {t("action.clone")}
      </ButtonLink>
    </Group>
  );
}

function useTitle(title: string) {
  useEffect(() => {
    const before = document.title;
    document.title = `${title} — Plimsoll`;
    return () => {
      document.title = before;
    };
  }, [title]);
}
