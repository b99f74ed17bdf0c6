import { Group, Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { IconLink } from "@/components/links";
import type { TestSummary } from "@/api/types.gen";
import { ActionButton } from "@/components/action-button";
import { Icon } from "@/components/icon";
import type { TestActions } from "@/components/use-test-actions";
import { isFinal, titleOf } from "@/lib/states";

interface Props {
  test: TestSummary;
  actions: TestActions;
}

/** What can be done from the list; which buttons there are depends on where the test is. */
export function RowActions({ test, actions }: Props) {
  const { t } = useTranslation();
  const clone = t("action.on", { action: t("action.clone"), name: titleOf(test) });
  return (
    <Group gap={2} justify="flex-end" wrap="nowrap">
      {test.trashed ? (
        <>
          <ActionButton compact test={test} act="restore" actions={actions} />
          <ActionButton compact test={test} act="purge" actions={actions} />
        </>
      ) : (
        <>
          <ActionButton compact test={test} act="download" actions={actions} />
          {test.archived ? (
            <ActionButton compact test={test} act="restore" actions={actions} />
          ) : (
            <ActionButton compact test={test} act="archive" actions={actions} />
          )}
          <Tooltip label={t("action.clone")}>
            <IconLink
              to="/tests/new"
              search={{ from: test.id }}
              variant="subtle"
              color="gray"
              aria-label={clone}
            >
              <Icon name="clone" />
            </IconLink>
          </Tooltip>
          {isFinal(test.state) ? (
            <ActionButton compact test={test} act="delete" actions={actions} />
          ) : (
            <ActionButton compact test={test} act="cancel" actions={actions} />
          )}
        </>
      )}
    </Group>
  );
}
