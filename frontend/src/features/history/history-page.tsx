import { Box, Button, Group, Skeleton, Stack, Title } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { ButtonLink } from "@/components/links";
import { Confirm } from "@/components/confirm";
import { Empty } from "@/components/empty";
import { Icon } from "@/components/icon";
import { Late } from "@/components/late";
import { ProblemAlert } from "@/components/problem";
import { useTestActions } from "@/components/use-test-actions";
import { testListQuery } from "@/data/tests";
import { Filters } from "@/features/history/filters";
import { HistoryCards } from "@/features/history/history-cards";
import { HistoryTable } from "@/features/history/history-table";
import { filterOf, isFiltered } from "@/features/history/search";
import { toApiError } from "@/lib/errors";

/** Every test, newest first. */
export function HistoryPage() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/tests" });
  const navigate = useNavigate({ from: "/tests" });
  const list = useInfiniteQuery(testListQuery(filterOf(search)));
  const actions = useTestActions();
  const narrow = useMediaQuery("(max-width: 62em)", undefined, { getInitialValueInEffect: false });
  const tests = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const Rows = narrow ? HistoryCards : HistoryTable;

  return (
    <Stack gap="sm">
      <Group justify="space-between" wrap="nowrap">
        <Title order={1} size="h3">
          {t("nav.tests")}
        </Title>
        <ButtonLink to="/tests/new" size="xs" leftSection={<Icon name="plus" />}>
          {t("nav.newTest")}
        </ButtonLink>
      </Group>
      <Filters search={search} onChange={(next) => void navigate({ search: next })} />
      {list.isError && <ProblemAlert error={toApiError(list.error)} onRetry={() => void list.refetch()} />}
      {list.isPending && (
        <Late>
          <Waiting />
        </Late>
      )}
      {list.isSuccess && tests.length === 0 && (
        <Box className="panel">
          <Nothing filtered={isFiltered(search)} trash={search.show === "trash"} />
        </Box>
      )}
      {tests.length > 0 && (
        <Box style={{ opacity: list.isPlaceholderData ? 0.55 : 1 }} aria-busy={list.isPlaceholderData}>
          <Rows tests={tests} actions={actions} />
        </Box>
      )}
      {list.hasNextPage && (
        <Group justify="center">
          <Button
            variant="default"
            size="xs"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            {t("history.more")}
          </Button>
        </Group>
      )}
      <Confirm question={actions.question} onClose={actions.closeQuestion} />
    </Stack>
  );
}

function Nothing({ filtered, trash }: { filtered: boolean; trash: boolean }) {
  const { t } = useTranslation();
  if (trash) return <Empty icon="trash" title={t("history.trashEmpty")} />;
  if (filtered) {
    return (
      <Empty
        icon="search"
        title={t("history.noMatch")}
        action={
          <ButtonLink to="/tests" search={{}} variant="default" size="xs">
            {t("history.clear")}
          </ButtonLink>
        }
      />
    );
  }
  return (
    <Empty
      icon="chart"
      title={t("history.empty")}
      action={
        <ButtonLink to="/tests/new" leftSection={<Icon name="plus" />}>
          {t("nav.newTest")}
        </ButtonLink>
      }
    >
      {t("history.emptyText")}
    </Empty>
  );
}

function Waiting() {
  return (
    <Stack gap={6} aria-hidden="true">
      {Array.from({ length: 8 }, (_, i) => (
        <Skeleton key={i} height={44} />
      ))}
    </Stack>
  );
}
