import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { Gate } from "@/app/gate";
import { NotFound } from "@/app/not-found";
import { PageError } from "@/app/page-error";
import { readArchiveSearch } from "@/features/archive/search";
import { readHistorySearch } from "@/features/history/search";
import { readTestSearch } from "@/features/test/search";
import { parseSearch, stringifySearch, textOf } from "@/lib/search";

const root = createRootRoute({ component: Gate, notFoundComponent: NotFound });

const index = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/tests", replace: true });
  },
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (s): { to?: string } => optional("to", s["to"]),
  component: lazyRouteComponent(() => import("@/features/auth/sign-in-page"), "SignInPage"),
});

const register = createRoute({
  getParentRoute: () => root,
  path: "/register",
  validateSearch: (s): { token?: string } => optional("token", s["token"]),
  component: lazyRouteComponent(() => import("@/features/auth/register-page"), "RegisterPage"),
});

const tests = createRoute({
  getParentRoute: () => root,
  path: "/tests",
  validateSearch: readHistorySearch,
  component: lazyRouteComponent(() => import("@/features/history/history-page"), "HistoryPage"),
});

const newTest = createRoute({
  getParentRoute: () => root,
  path: "/tests/new",
  validateSearch: (s): { from?: string } => optional("from", s["from"]),
  component: lazyRouteComponent(() => import("@/features/new-test/new-test-page"), "NewTestPage"),
});

const test = createRoute({
  getParentRoute: () => root,
  path: "/tests/$id",
  validateSearch: readTestSearch,
  component: lazyRouteComponent(() => import("@/features/test/test-page"), "TestPage"),
});

const archive = createRoute({
  getParentRoute: () => root,
  path: "/archive",
  validateSearch: readArchiveSearch,
  component: lazyRouteComponent(() => import("@/features/archive/archive-page"), "ArchivePage"),
});

function optional<K extends string>(key: K, value: unknown): { [key in K]?: string } {
  const text = textOf(value);
  return (text === undefined ? {} : { [key]: text }) as { [key in K]?: string };
}

const tree = root.addChildren([index, signIn, register, tests, newTest, test, archive]);

export function createAppRouter() {
  return createRouter({
    routeTree: tree,
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultErrorComponent: PageError,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
