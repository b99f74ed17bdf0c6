import { ActionIcon, Menu, useMantineColorScheme } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Icon } from "@/components/icon";
import type { IconName } from "@/components/icon";
import { LANGUAGES, changeLanguage } from "@/lib/i18n";

// Every language calls itself by its own name.
const names = { "zh-CN": "简体中文", en: "English" } as const;

export function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("nav.language")}>
          <Icon name="language" size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {LANGUAGES.map((language) => (
          <Menu.Item
            key={language}
            lang={language}
            role="menuitemradio"
            aria-checked={i18n.language === language}
            rightSection={i18n.language === language ? <Icon name="check" /> : null}
            onClick={() => void changeLanguage(language)}
          >
            {names[language]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

const themes = [
  { value: "auto", icon: "screen", label: "theme.auto" },
  { value: "light", icon: "sun", label: "theme.light" },
  { value: "dark", icon: "moon", label: "theme.dark" },
] as const satisfies readonly { value: string; icon: IconName; label: string }[];

export function ThemeSwitch() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const current = themes.find((theme) => theme.value === colorScheme) ?? themes[0];
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("theme.label")}>
          <Icon name={current.icon} size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {themes.map((theme) => (
          <Menu.Item
            key={theme.value}
            role="menuitemradio"
            aria-checked={colorScheme === theme.value}
            leftSection={<Icon name={theme.icon} />}
            rightSection={colorScheme === theme.value ? <Icon name="check" /> : null}
            onClick={() => setColorScheme(theme.value)}
          >
            {t(theme.label)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
