import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "@/components/icon";
import { copyText } from "@/lib/clipboard";

interface Props {
  text: string;
  /** What is copied, for the label. */
  what: string;
  withLabel?: boolean;
}

/** Copies and says so. */
export function CopyButton({ text, what, withLabel = false }: Props) {
  const { t } = useTranslation();
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  const label =
    state === "copied" ? t("copy.done") : state === "failed" ? t("copy.failed") : t("copy.what", { what });
  const copy = async () => {
    setState((await copyText(text)) ? "copied" : "failed");
    setTimeout(() => setState("idle"), 1500);
  };
  const icon = <Icon name={state === "copied" ? "check" : "copy"} />;
  if (withLabel) {
    return (
      <Button
        variant="default"
        size="compact-xs"
        leftSection={icon}
        onClick={() => void copy()}
        aria-live="polite"
      >
        {label}
      </Button>
    );
  }
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" onClick={() => void copy()} aria-label={label}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
