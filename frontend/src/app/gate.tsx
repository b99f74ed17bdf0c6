import { Button, Center, Loader } from "@mantine/core";
import { Navigate, Outlet, useLocation, useRouterState } from "@tanstack/react-router";
import { Suspense, lazy, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Shell } from "@/app/shell";
import { Empty } from "@/components/empty";
import { Late } from "@/components/late";
import { useSession } from "@/components/use-session";
import { renew } from "@/lib/http";
import { sessionExpired } from "@/lib/session";

const SignInAgain = lazy(async () => ({
  default: (await import("@/features/auth/sign-in-again")).SignInAgain,
}));

const open = new Set<string>(["/sign-in", "/register"]);

/** Finds out who is signed in before anything is shown, and keeps the page while asking again. */
export function Gate() {
  const session = useSession();
  const { pathname, href } = useLocation();
  // What is drawn, not what the address says already: a page is loaded before it takes the place of another.
  const drawn = useRouterState({ select: (s) => s.matches.at(-1)?.routeId ?? "" });
  const { unreachable, retry } = useCookieOnce(session.status === "unknown");

  if (open.has(drawn) && session.status !== "unknown") return <Outlet />;
  switch (session.status) {
    case "unknown":
      return unreachable ? <Unreachable onRetry={retry} /> : <Waiting />;
    case "out":
      if (open.has(pathname)) return <Waiting />; // on its way
      return <Navigate to="/sign-in" search={pathname === "/" ? {} : { to: href }} replace />;
    case "in":
    case "expired":
      return (
        <>
          <Shell />
          {session.status === "expired" && (
            <Suspense>
              <SignInAgain user={session.user} />
            </Suspense>
          )}
        </>
      );
  }
}

// The refresh cookie is tried once at the start.
function useCookieOnce(wanted: boolean) {
  const [unreachable, setUnreachable] = useState(false);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (!wanted) return;
    void renew().then((outcome) => {
      if (outcome === "refused") sessionExpired();
      setUnreachable(outcome === "unreachable");
    });
  }, [wanted, tries]);
  return {
    unreachable,
    retry: () => {
      setUnreachable(false);
      setTries((n) => n + 1);
    },
  };
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <Center h="100vh">
      <Late>
        <Loader aria-label={t("loading")} />
      </Late>
    </Center>
  );
}

function Unreachable({ onRetry }: { onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <Center h="100vh">
      <Empty
        icon="cloudOff"
        title={t("error.offline")}
        action={<Button onClick={onRetry}>{t("error.retry")}</Button>}
      >
        {t("error.offlineDetail")}
      </Empty>
    </Center>
  );
}
