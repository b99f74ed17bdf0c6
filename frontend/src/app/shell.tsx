import { AppShell, Burger, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { PlaceLink } from "@/components/links";
import { AccountMenu } from "@/app/account-menu";
import { LanguageSwitch, ThemeSwitch } from "@/components/preferences";
import classes from "@/app/shell.module.css";
import { Icon, Mark } from "@/components/icon";
import type { IconName } from "@/components/icon";

const places = [
  { to: "/tests", icon: "list", label: "nav.tests" },
  { to: "/tests/new", icon: "plus", label: "nav.newTest" },
  { to: "/archive", icon: "archive", label: "nav.archive" },
] as const satisfies readonly { to: string; icon: IconName; label: string }[];

/** The frame around every page: where one can go, who one is, how it looks. */
export function Shell() {
  const { t } = useTranslation();
  const [opened, { toggle, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  const current = pathname.startsWith("/archive")
    ? "/archive"
    : pathname === "/tests/new"
      ? pathname
      : "/tests";
  return (
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: 184, breakpoint: "sm", collapsed: { mobile: !opened } }}
      padding={{ base: "sm", sm: "md" }}
    >
      <a className="skip" href="#main">
        {t("nav.skip")}
      </a>
      <AppShell.Header className={classes.header}>
        <Group h="100%" px="sm" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t("nav.menu")} />
            <Link to="/tests" className={classes.brand} aria-label={`Plimsoll — ${t("nav.tests")}`}>
              <Mark />
              <Text fw={700} size="md" visibleFrom="xs" span>
                Plimsoll
              </Text>
            </Link>
          </Group>
          <Group gap={4} wrap="nowrap">
            <LanguageSwitch />
            <ThemeSwitch />
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" className={classes.navbar} aria-label={t("nav.main")}>
        {places.map((place) => (
          <PlaceLink
            key={place.to}

            to={place.to}
            label={t(place.label)}
            leftSection={<Icon name={place.icon} size={18} />}
            activeOptions={{ exact: true }}
            active={current === place.to}
            aria-current={current === place.to ? "page" : undefined}
            onClick={close}
            className={classes.link ?? ""}
          />
        ))}
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} className={classes.main}>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}
