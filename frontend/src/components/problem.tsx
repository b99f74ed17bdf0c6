import { Anchor, Button, Code, Group, List, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Notice } from "@/components/notice";
import { CopyButton } from "@/components/copy-button";
import { Icon } from "@/components/icon";
import { errorAsText } from "@/lib/errors";
import type { ApiError, Fault } from "@/lib/errors";

interface Props {
  error: ApiError;
  onRetry?: () => void;
  /** Takes the reader to the field a fault is about. */
  onFault?: (fault: Fault) => void;
}

/** The one place that shows what went wrong: what, why, what to do, and the id to quote. */
export function ProblemAlert({ error, onRetry, onFault }: Props) {
  const { t } = useTranslation();
  const { title, detail } = useErrorText(error);
  return (
    <Notice tone="bad" title={title} role="alert">
      <Stack gap="xs">
        {detail && <Text size="sm">{detail}</Text>}
        {error.faults.length > 0 && (
          <List size="sm" spacing={4}>
            {error.faults.map((fault) => (
              <List.Item key={fault.pointer + fault.code}>
                <FaultLine fault={fault} onFault={onFault} />
              </List.Item>
            ))}
          </List>
        )}
        <Group gap="xs">
          {onRetry && (
            <Button
              size="compact-xs"
              variant="default"
              leftSection={<Icon name="refresh" />}
              onClick={onRetry}
            >
              {t("error.retry")}
            </Button>
          )}
          <CopyButton text={errorAsText(error)} what={t("error.details")} withLabel />
          {error.requestId && (
            <Text size="xs" c="dimmed">
              {t("error.requestId")} <Code>{error.requestId}</Code>
            </Text>
          )}
        </Group>
      </Stack>
    </Notice>
  );
}

function FaultLine({ fault, onFault }: { fault: Fault; onFault: ((fault: Fault) => void) | undefined }) {
  const name = <Code>{fault.pointer || "/"}</Code>;
  return (
    <>
      {onFault ? (
        <Anchor component="button" type="button" size="sm" onClick={() => onFault(fault)}>
          {name}
        </Anchor>
      ) : (
        name
      )}{" "}
      {fault.detail}{" "}
      {fault.fix && (
        <Text span size="sm" c="dimmed">
          {fault.fix}
        </Text>
      )}
    </>
  );
}

/** Title and detail in words; the server's words win. */
export function useErrorText(error: ApiError): { title: string; detail: string } {
  const { t } = useTranslation();
  if (error.code === "offline") return { title: t("error.offline"), detail: t("error.offlineDetail") };
  if (error.title) return { title: error.title, detail: error.detail };
  if (error.status > 0) return { title: t("error.status", { status: error.status }), detail: error.detail };
  return { title: t("error.unexpected"), detail: error.detail };
}
