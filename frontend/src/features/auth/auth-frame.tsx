import { Box, Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "@/features/auth/auth-frame.module.css";
import { Mark } from "@/components/icon";
import { LanguageSwitch } from "@/components/preferences";

/** The page around a form seen before one is signed in. */
export function AuthFrame({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Box component="main" className={classes.page}>
      <div className={classes.language}>
        <LanguageSwitch />
      </div>
      <Box className={`panel ${classes.card ?? ""}`}>
        <Group gap="xs" className={classes.brand} wrap="nowrap">
          <Mark size={30} />
          <Stack gap={0}>
            <Text fw={700} size="lg" lh={1.2}>
              Plimsoll
            </Text>
            <Text size="xs" c="dimmed">
              {t("auth.tagline")}
            </Text>
          </Stack>
        </Group>
        <Title order={1} size="h3" mt="lg" mb={4}>
          {title}
        </Title>
        <Text size="sm" c="dimmed" mb="md">
          {text}
        </Text>
        {children}
      </Box>
    </Box>
  );
}
