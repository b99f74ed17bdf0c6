import { Button, Menu } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Icon } from "@/components/icon";
import { notifyError } from "@/components/notify";
import { useUser } from "@/components/use-session";
import { signOut } from "@/data/account";

export function AccountMenu() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const user = useUser();
  if (!user) return null;
  const leave = () => {
    signOut()
      .catch((error: unknown) => notifyError(error, t("account.signOut")))
      .finally(() => client.clear());
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          size="sm"
          px="xs"
          leftSection={<Icon name="user" size={18} />}
          aria-label={t("account.label", { name: user.name })}
          styles={{ label: { maxWidth: 110 } }}
        >
          {user.name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {user.name} · {t(`role.${user.role}`)}
        </Menu.Label>
        <Menu.Item leftSection={<Icon name="logout" />} onClick={leave}>
          {t("account.signOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
