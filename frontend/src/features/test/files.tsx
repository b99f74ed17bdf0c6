import { Button, Group, Table, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Artifact, Test } from "@/api/types.gen";
import { CopyButton } from "@/components/copy-button";
import { Empty } from "@/components/empty";
import { Icon } from "@/components/icon";
import { notifyError } from "@/components/notify";
import { PlaceBadge } from "@/components/badges";
import { download } from "@/lib/download";
import { BASE } from "@/lib/http";
import { formatBytes, formatPercent } from "@/lib/format";

/** What was written: workbook, report, raw data. */
export function Files({ test }: { test: Test }) {
  const { t } = useTranslation();
  if (test.artifacts.length === 0) {
    return (
      <div className="panel">
        <Empty icon="report" title={t("file.none")}>
          {t("file.noneText")}
        </Empty>
      </div>
    );
  }
  return (
    <div className="panel">
      {test.archive_path && (
        <Group gap="xs" p="sm" pb={0}>
          <PlaceBadge test={test} />
          <Text size="sm" className="mono" style={{ overflowWrap: "anywhere" }}>
            {test.archive_path}
          </Text>
          <CopyButton text={test.archive_path} what={t("file.path")} />
        </Group>
      )}
      <Table.ScrollContainer minWidth={520}>
        <Table fz="sm" verticalSpacing={6} aria-label={t("tab.files")}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("file.name")}</Table.Th>
              <Table.Th>{t("file.kind")}</Table.Th>
              <Table.Th ta="right">{t("file.size")}</Table.Th>
              <Table.Th>SHA-256</Table.Th>
              <Table.Th>
                <span className="sr-only">{t("history.actions")}</span>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {test.artifacts.map((file) => (
              <Row key={file.name} test={test} file={file} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </div>
  );
}

function Row({ test, file }: { test: Test; file: Artifact }) {
  const { t } = useTranslation();
  const [received, setReceived] = useState<number>();
  const digest = file.digest.replace(/^sha256:/, "");
  const load = () => {
    setReceived(0);
    // The address is built here, so a strange answer cannot send the token elsewhere.
    const url = `${BASE}/tests/${encodeURIComponent(test.id)}/artifacts/${encodeURIComponent(file.name)}`;
    download(url, file.name, (bytes) => setReceived(bytes))
      .catch((error: unknown) => notifyError(error, t("action.failed.download", { name: file.name })))
      .finally(() => setReceived(undefined));
  };
  const share =
    received !== undefined && file.size_bytes > 0 ? (received / file.size_bytes) * 100 : undefined;
  return (
    <Table.Tr>
      <Table.Td style={{ overflowWrap: "anywhere" }}>{file.name}</Table.Td>
      <Table.Td>{t(`file.kinds.${file.kind}`)}</Table.Td>
      <Table.Td ta="right" style={{ whiteSpace: "nowrap" }} title={`${file.size_bytes} B`}>
        {formatBytes(file.size_bytes)}
      </Table.Td>
      <Table.Td>
        <Group gap={2} wrap="nowrap">
          <span className="mono">{digest.slice(0, 12)}</span>
          <CopyButton text={digest} what="SHA-256" />
        </Group>
      </Table.Td>
      <Table.Td ta="right">
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<Icon name="download" />}
          disabled={received !== undefined}
          onClick={load}
          aria-label={t("action.on", { action: t("file.download"), name: file.name })}
        >
          {share === undefined ? t("file.download") : formatPercent(Math.min(100, Math.floor(share)))}
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}
