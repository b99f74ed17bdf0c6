import { Group, List, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Notice } from "@/components/notice";
import type { GeneratorInfo, Test } from "@/api/types.gen";
import { Empty } from "@/components/empty";
import { Charts } from "@/features/test/charts";
import { FailureCard } from "@/features/test/failure-card";
import { Highlights } from "@/features/test/highlights";
import { LevelTable } from "@/features/test/level-table";
import { inLanguage } from "@/lib/in-language";
import { isFinal } from "@/lib/states";

interface Props {
  test: Test;
  asTable: boolean;
  onTable: (on: boolean) => void;
}

/** What came out: in words, in figures, in lines. */
export function Result({ test, asTable, onTable }: Props) {
  const { t, i18n } = useTranslation();
  return (
    <Stack gap="md">
      {test.failure && <FailureCard failure={test.failure} />}
      {test.reason && (
        <Text size="sm">
          {test.verdict !== "none" && <b>{t(`verdict.${test.verdict}`)} — </b>}
          {inLanguage(test.reason, i18n.language)}
        </Text>
      )}
      {test.generator_info && <Faults info={test.generator_info} />}
      {test.levels.length > 0 ? (
        <>
          <Highlights levels={test.levels} />
          <LevelTable levels={test.levels} />
          <Charts levels={test.levels} asTable={asTable} onToggle={() => onTable(!asTable)} />
        </>
      ) : (
        !test.failure && (
          <div className="panel">
            {isFinal(test.state) ? (
              <Empty icon="chart" title={t("result.none")} />
            ) : (
              <Empty icon="chart" title={t("result.notYet")}>
                {t("result.notYetText")}
              </Empty>
            )}
          </div>
        )
      )}
    </Stack>
  );
}

/** What this version of the generator is known to get wrong, where nobody can miss it. */
function Faults({ info }: { info: GeneratorInfo }) {
  const { t, i18n } = useTranslation();
  if (info.faults.length === 0) return null;
  const wrong = info.faults.some((f) => f.severity === "wrong");
  const warn = info.faults.some((f) => f.severity === "warn");
  return (
    <Notice
      tone={wrong ? "bad" : warn ? "warn" : "busy"}
      {...(wrong ? { icon: "warning" as const } : {})}
      title={t("generator.faults", { name: info.name, version: info.version })}
    >
      <List size="sm" spacing={3} listStyleType="none">
        {info.faults.map((fault) => (
          <List.Item key={fault.metric + fault.text.en}>
            <Group gap={6} align="baseline" wrap="nowrap">
              <Text size="xs" fw={700} style={{ whiteSpace: "nowrap" }}>
                {fault.metric === "all" ? t("generator.all") : fault.metric.replace(/_ms$/, "").toUpperCase()}{" "}
                · {t(`generator.${fault.severity}`)}
              </Text>
              <span>{inLanguage(fault.text, i18n.language)}</span>
            </Group>
          </List.Item>
        ))}
      </List>
    </Notice>
  );
}
