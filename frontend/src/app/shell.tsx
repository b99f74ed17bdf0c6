import { Burger, Text } from "@mantine/core";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { AccountMenu } from "@/app/account-menu";
import classes from "@/app/shell.module.css";
import { Icon, Mark } from "@/components/icon";
import type { IconName } from "@/components/icon";
import { LanguageSwitch, ThemeSwitch } from "@/components/preferences";

const places = [
  { to: "/tests", icon: "list", label: "nav.tests" },
  { to: "/tests/new", icon: "plus", label: "nav.newTest" },
  { to: "/archive", icon: "archive", label: "nav.archive" },
] as const satisfies readonly { to: string; icon: IconName; label: string }[];

/** The frame around every page: where one can go, who one is, how it looks. */
export function Shell() {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  const { pathname } = useLocation();
  const current = pathname.startsWith("/archive")
    ? "/archive"
    : pathname === "/tests/new"
      ? pathname
      : "/tests";
  return (
    <div className={classes.frame}>
      <a className="skip" href="#main">
        {t("nav.skip")}
      </a>
      <header className={classes.header}>
        <Burger
          opened={opened}
          onClick={() => setOpened(!opened)}
          hiddenFrom="sm"
          size="sm"
          aria-label={t("nav.menu")}
          aria-expanded={opened}
          aria-controls="places"
        />
        <Link to="/tests" className={classes.brand} aria-label={`Plimsoll — ${t("nav.tests")}`}>
          <Mark />
          <Text fw={700} size="md" visibleFrom="xs" span>
            Plimsoll
          </Text>
        </Link>
        <span className={classes.space} />
        <LanguageSwitch />
        <ThemeSwitch />
        <AccountMenu />
      </header>
      <nav id="places" className={classes.nav} data-open={opened} aria-label={t("nav.main")}>
        {places.map((place) => (
          <Link
            key={place.to}
            to={place.to}
            activeOptions={{ exact: true }}
            aria-current={current === place.to ? "page" : undefined}
            onClick={() => setOpened(false)}
            className={classes.place}
          >
            <Icon name={place.icon} size={18} />
            {t(place.label)}
          </Link>
        ))}
      </nav>
      <main id="main" tabIndex={-1} className={classes.main}>
        <Outlet />
      </main>
    </div>
  );
}
