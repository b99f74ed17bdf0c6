import type { SVGProps } from "react";

// Stroked on a 24 × 24 grid, drawn for this project.
const paths = {
  list: "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
  plus: "M12 5v14M5 12h14",
  archive: "M3 5h18v4H3zM5 9v10h14V9M10 13h4",
  restore: "M4 12a8 8 0 1 0 2.6-5.9M4 4v4.5h4.5",
  trash: "M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13M10.5 11v5M13.5 11v5",
  download: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  check: "M5 12.5l4.5 4.5L19 7.5",
  clone: "M8 8h12v12H8zM4 16V4h12M14 11v6M11 14h6",
  stop: "M7 7h10v10H7z",
  circleCheck: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M8 12.3l2.8 2.7L16 9.5",
  circleX: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9 9l6 6M15 9l-6 6",
  circleDash:
    "M9.5 3.4a9 9 0 0 1 5 0M18.4 5.6a9 9 0 0 1 2.3 4M20.7 14.4a9 9 0 0 1-2.3 4M14.5 20.6a9 9 0 0 1-5 0M5.6 18.4a9 9 0 0 1-2.3-4M3.3 9.6a9 9 0 0 1 2.3-4",
  minus: "M6 12h12",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l3.5 2",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5L20 20",
  play: "M8 5.5v13l11-6.5z",
  report: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  warning: "M12 4L2.8 20h18.4zM12 10v4.5M12 17.4v.1",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 11v5.5M12 7.6v.1",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
  screen: "M3 5h18v11H3zM9 20h6M12 16v4",
  language:
    "M3.5 6h9M8 4v2M11 6c-.8 4-3.500 7-7 8.500M5.500 9.500c1.500 2.500 3.500 4 6 5M12.500 20l4-10 4 10M14 17h5",
  user: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4.500 20c.8-3.600 3.800-5.500 7.500-5.500s6.700 1.900 7.500 5.500",
  logout: "M10 4H5v16h5M9.500 12H20M16.500 8.500L20 12l-3.500 3.500",
  chevronRight: "M9.500 6l6 6-6 6",
  chevronDown: "M6 9.500l6 6 6-6",
  folder: "M3 6h6l2 2.500h10V19H3z",
  chart: "M4 4v16h16M8 15l3.500-4 3 2.500L20 8",
  table: "M3.500 5h17v14h-17zM3.500 10h17M9.500 10v9",
  refresh: "M20 12a8 8 0 1 1-2.600-5.900M20 4v4.500h-4.500",
  cloudOff: "M3 3l18 18M7 9a4.500 4.500 0 0 0 .5 9H17M10 6.500A6 6 0 0 1 18 11a3.800 3.800 0 0 1 2.500 6",
} as const;

export type IconName = keyof typeof paths;

/** A decoration: the words beside it, or the label of its button, say what it means. */
export function Icon({
  name,
  size = 16,
  ...rest
}: { name: IconName; size?: number } & SVGProps<SVGSVGElement>) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      style={{ flex: "none" }}
      {...rest}
    >
      <path d={paths[name]} />
    </svg>
  );
}

/** The mark on a ship's hull: a ring and the line she may be loaded to. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={2.2}
      aria-hidden="true"
    >
      <circle cx="12" cy="12" r="7.5" />
      <path d="M1.500 12h21" />
    </svg>
  );
}
