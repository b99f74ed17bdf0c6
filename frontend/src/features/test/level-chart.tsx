import { Box, Group, Table, Text, Title } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Chart } from "@/components/chart";
import { dataOf, optionsOf } from "@/features/test/chart-options";
import type { Line } from "@/features/test/chart-options";
import { formatFigure } from "@/lib/format";

interface Props {
  title: string;
  /** What the lines say, in one sentence. */
  summary: string;
  lines: Line[];
  loadLabel: string;
  unit: string;
  asTable: boolean;
}

/** Lines over the load, or the same figures as a table. */
export function LevelChart({ title, summary, lines, loadLabel, unit, asTable }: Props) {
  const data = useMemo(() => dataOf(lines), [lines]);
  const options = useMemo(
    () => optionsOf(lines, { load: loadLabel, value: unit, unit }),
    [lines, loadLabel, unit],
  );
  return (
    <Box component="figure" className="panel" m={0} p="sm" miw={0}>
      <Group justify="space-between" mb={4}>
        <Title order={3} size="h6">
          {title}
        </Title>
      </Group>
      {asTable ? (
        <Figures title={title} lines={lines} loadLabel={loadLabel} unit={unit} />
      ) : (
        <Chart data={data} options={options} summary={`${title}. ${summary}`} />
      )}
      <Text component="figcaption" size="xs" c="dimmed" mt={4}>
        {summary}
      </Text>
    </Box>
  );
}

function Figures({ title, lines, loadLabel, unit }: Omit<Props, "asTable" | "summary">) {
  const { t } = useTranslation();
  const loads = lines[0]?.points ?? [];
  const figure = (line: Line, i: number) => {
    const point = line.points[i];
    if (!point || point.mid === null || point.low === point.high) return formatFigure(point?.mid);
    return `${formatFigure(point.mid)} (${formatFigure(point.low)}–${formatFigure(point.high)})`;
  };
  return (
    <Table.ScrollContainer minWidth={260}>
      <Table fz="sm" verticalSpacing={4} aria-label={title}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{loadLabel}</Table.Th>
            {lines.map((line) => (
              <Table.Th key={line.label} ta="right">
                {line.label} ({unit})
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {loads.map((point, i) => (
            <Table.Tr key={point.load}>
              <Table.Td>{point.load}</Table.Td>
              {lines.map((line) => (
                <Table.Td key={line.label} ta="right">
                  {figure(line, i)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed">
        {t("chart.spread")}
      </Text>
    </Table.ScrollContainer>
  );
}
