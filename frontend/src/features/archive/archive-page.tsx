import { Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "@/components/empty";
import { Late } from "@/components/late";
import { ProblemAlert } from "@/components/problem";
import { folderQuery } from "@/data/archive";
import { ArchiveTree } from "@/features/archive/archive-tree";
import { ArchivedTest } from "@/features/archive/archived-test";
import classes from "@/features/archive/archive.module.css";
import { visible } from "@/features/archive/tree";
import type { Folder } from "@/features/archive/tree";
import { toApiError } from "@/lib/errors";

/** The archive as a tree: engine, model, moment. */
export function ArchivePage() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/archive" });
  const navigate = useNavigate({ from: "/archive" });
  const open = useMemo(() => search.open ?? [], [search.open]);
  const paths = useMemo(() => ["", ...open], [open]);
  const found = useQueries({ queries: paths.map((path) => folderQuery(path)) });
  const folders = new Map<string, Folder>(
    paths.map((path, i): [string, Folder] => {
      const query = found[i];
      if (query?.data) return [path, { status: "ready", entries: query.data }];
      return [path, query?.isError ? { status: "error", error: query.error } : { status: "pending" }];
    }),
  );
  const nodes = visible((path) => folders.get(path), new Set(open));
  const chosen = nodes.find((n) => n.path === search.at);
  const root = folders.get("");
  const broken = found.find((query) => query.isError);

  const setOpen = (next: string[]) =>
    void navigate({
      search: { ...(next.length > 0 ? { open: next } : {}), ...(search.at ? { at: search.at } : {}) },
      replace: true,
    });

  return (
    <Stack gap="sm">
      <Title order={1} size="h3">
        {t("nav.archive")}
      </Title>
      {broken?.error && (
        <ProblemAlert error={toApiError(broken.error)} onRetry={() => void broken.refetch()} />
      )}
      {root?.status === "pending" && (
        <Late>
          <Skeleton height={240} />
        </Late>
      )}
      {root?.status === "ready" && root.entries.length === 0 && (
        <div className="panel">
          <Empty icon="archive" title={t("archive.empty")}>
            {t("archive.emptyText")}
          </Empty>
        </div>
      )}
      {nodes.length > 0 && (
        <div className={classes.layout}>
          <div className={`panel ${classes.tree ?? ""}`}>
            <ArchiveTree
              nodes={nodes}
              chosen={search.at}
              loading={(path) => folders.get(path)?.status === "pending"}
              onOpen={(path) => setOpen([...open, path])}
              onClose={(path) => setOpen(open.filter((p) => p !== path && !p.startsWith(`${path}/`)))}
              onChoose={(at) => void navigate({ search: (before) => ({ ...before, at }) })}
            />
          </div>
          {chosen?.testId ? (
            <ArchivedTest key={chosen.testId} id={chosen.testId} path={chosen.path} />
          ) : (
            <Text size="sm" c="dimmed" p="md">
              {t("archive.choose")}
            </Text>
          )}
        </div>
      )}
    </Stack>
  );
}
