import { Button, Modal, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { User } from "@/api/types.gen";
import { signIn } from "@/data/account";
import { SignInForm } from "@/features/auth/sign-in-form";
import { signedOut } from "@/lib/session";

/** Asks for the password over the page, which keeps everything that was typed into it. */
export function SignInAgain({ user }: { user: User }) {
  const { t } = useTranslation();
  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={t("auth.again")}
      centered
    >
      <Text size="sm" c="dimmed" mb="sm">
        {t("auth.againText")}
      </Text>
      <SignInForm fixedName={user.name} onSubmit={signIn} submitLabel={t("auth.signIn")} />
      <Button variant="subtle" color="gray" fullWidth mt="xs" onClick={signedOut}>
        {t("auth.leave")}
      </Button>
    </Modal>
  );
}
