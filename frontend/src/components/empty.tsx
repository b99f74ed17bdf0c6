import { Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Icon } from "@/components/icon";
import type { IconName } from "@/components/icon";

interface Props {
  icon: IconName;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

/** Says why there is nothing to see and what to do about it. */
export function Empty({ icon, title, children, action }: Props) {
  return (
    <Stack align="center" gap="xs" py={64} px="md" ta="center">
      <Icon name={icon} size={36} style={{ opacity: 0.45 }} />
      <Title order={2} size="h4">
        {title}
      </Title>
      {children && (
        <Text c="dimmed" size="sm" maw={460}>
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}
