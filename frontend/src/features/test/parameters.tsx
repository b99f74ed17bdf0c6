import { Code, Group, SegmentedControl, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Spec } from "@/api/types.gen";
import { CopyButton } from "@/components/copy-button";
import { toYaml } from "@/lib/yaml";

interface Props {
  spec: Spec;
  asJson: boolean;
  onJson: (on: boolean) => void;
}

/** The document of the test, complete with its defaults. */
export function Parameters({ spec, asJson, onJson }: Props) {
  const { t } = useTranslation();
  const text = asJson ? `${JSON.stringify(spec, null, 2)}\n` : toYaml(spec);
  const name = asJson ? "JSON" : "YAML";
  return (
    <Stack gap="xs">
      <Group>
        <SegmentedControl
          size="xs"
          aria-label={t("parameters.spelling")}
          value={name}
          data={["YAML", "JSON"]}
          onChange={(value) => onJson(value === "JSON")}
        />
        <CopyButton text={text} what={name} withLabel />
      </Group>
      <Code block fz="sm" className="panel" p="md" aria-label={t("tab.parameters")}>
        {text}
      </Code>
    </Stack>
  );
}
