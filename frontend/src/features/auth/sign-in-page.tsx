import { Navigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useSession } from "@/components/use-session";
import { signIn } from "@/data/account";
import { AuthFrame } from "@/features/auth/auth-frame";
import { SignInForm } from "@/features/auth/sign-in-form";
import { safePath } from "@/features/auth/safe-path";

/** Lets the reader in and back to where they wanted to go. */
export function SignInPage() {
  const { t } = useTranslation();
  const { to } = useSearch({ from: "/sign-in" });
  const session = useSession();
  if (session.status === "in") return <Navigate href={safePath(to)} to="." replace />;
  return (
    <AuthFrame title={t("auth.signIn")} text={t("auth.signInText")}>
      <SignInForm onSubmit={signIn} submitLabel={t("auth.signIn")} />
    </AuthFrame>
  );
}
