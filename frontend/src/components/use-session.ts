import { useSyncExternalStore } from "react";
import type { User } from "@/api/types.gen";
import { getSession, subscribeSession } from "@/lib/session";
import type { Session } from "@/lib/session";

export function useSession(): Session {
  return useSyncExternalStore(subscribeSession, getSession);
}

/** Who is or was signed in on this page. */
export function useUser(): User | undefined {
  const session = useSession();
  return session.status === "in" || session.status === "expired" ? session.user : undefined;
}
