import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { TestSummary } from "@/api/types.gen";
import { Icon } from "@/components/icon";
import type { IconName } from "@/components/icon";
import type { TestActions } from "@/components/use-test-actions";
import { titleOf } from "@/lib/states";
import type { Act } from "@/lib/states";

const icons: Record<Exclude<Act, "run">, IconName> = {
  download: "download",
  archive: "archive",
  restore: "restore",
  delete: "trash",
  purge: "trash",
  cancel: "stop",
};

interface Props {
  test: TestSummary;
  act: Exclude<Act, "run">;
  actions: TestActions;
  /** Only the icon; the words are its label. */
  compact?: boolean;
  primary?: boolean;
}

/** One action on one test. When it is not allowed the button stays and says why. */
export function ActionButton({ test, act, actions, compact = false, primary = false }: Props) {
  const { t } = useTranslation();
  const denied = actions.denied(test, act);
  const busy = actions.busy(test, act);
  const danger = act === "delete" || act === "purge" || act === "cancel";
  const label = t(`action.${act}`);
  const off = denied !== undefined;
  // aria-disabled instead of disabled: the reason stays reachable by keyboard.
  const shared = {
    loading: busy,
    "aria-disabled": off,
    ...(off ? { "data-disabled": true } : {}),
    onClick: () => {
      if (!off && !busy) actions.run(test, act);
    },
  };
  if (compact) {
    return (
      <Tooltip label={denied ?? label}>
        <ActionIcon
          variant="subtle"
          color={danger ? "red" : "gray"}
          aria-label={t("action.on", { action: label, name: titleOf(test) })}
          {...shared}
        >
          <Icon name={icons[act]} />
        </ActionIcon>
      </Tooltip>
    );
  }
  return (
    <Tooltip label={denied ?? ""} disabled={!denied}>
      <Button
        size="xs"
        variant={primary ? "filled" : danger ? "light" : "default"}
        {...(danger ? { color: "red" } : {})}
        leftSection={<Icon name={icons[act]} />}
        {...shared}
      >
        {label}
      </Button>
    </Tooltip>
  );
}
