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
        <Menu.RadioGroup
          value={i18n.language}
          onChange={(value) => {
            const language = LANGUAGES.find((l) => l === value);
            if (language) void changeLanguage(language);
          }}
        >
          {LANGUAGES.map((language) => (
            <Menu.RadioItem key={language} value={language} lang={language} closeMenuOnClick>
              {names[language]}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
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
        <Menu.RadioGroup
          value={colorScheme}
          onChange={(value) => setColorScheme(themes.find((theme) => theme.value === value)?.value ?? "auto")}
        >
          {themes.map((theme) => (
            <Menu.RadioItem
              key={theme.value}
              value={theme.value}
              closeMenuOnClick
              rightSection={<Icon name={theme.icon} />}
            >
              {t(theme.label)}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
