import { Text } from "@mantine/core";
import { Navigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { AnchorLink } from "@/components/links";
import { useSession } from "@/components/use-session";
import { signUp } from "@/data/account";
import { AuthFrame } from "@/features/auth/auth-frame";
import { SignInForm } from "@/features/auth/sign-in-form";

/** Makes the first account with the one-time link of the server's first start. */
export function RegisterPage() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/register" });
  const session = useSession();
  const [token] = useState(search.token ?? "");
  // The token is a secret: it leaves the address bar and the browser's history at once.
  useEffect(() => {
    if (search.token) window.history.replaceState(window.history.state, "", "/register");
  }, [search.token]);

  if (session.status === "in") return <Navigate to="/tests" replace />;
  if (!token) {
    return (
      <AuthFrame title={t("auth.register")} text={t("auth.noToken")}>
        <AnchorLink to="/sign-in" size="sm">
          {t("auth.signIn")}
        </AnchorLink>
      </AuthFrame>
    );
  }
  return (
    <AuthFrame title={t("auth.register")} text={t("auth.registerText")}>
      <SignInForm
        creating
        onSubmit={(name, password) => signUp(name, password, token)}
        submitLabel={t("auth.createAccount")}
      />
      <Text size="xs" c="dimmed" mt="sm">
        {t("auth.onceOnly")}
      </Text>
    </AuthFrame>
  );
}
