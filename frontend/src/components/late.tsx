import { useEffect, useState } from "react";
import type { ReactNode } from "react";

/** Shows its children only after 200 ms, so quick answers do not flicker. */
export function Late({ children }: { children: ReactNode }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 200);
    return () => clearTimeout(timer);
  }, []);
  return late ? children : null;
}
