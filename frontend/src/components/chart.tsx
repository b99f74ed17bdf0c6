import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import classes from "@/components/chart.module.css";

export interface Palette {
  text: string;
  grid: string;
  lines: readonly [string, string];
  bands: readonly [string, string];
}

const palettes: Record<"light" | "dark", Palette> = {
  light: {
    text: "#42505a",
    grid: "#e3e9ec",
    lines: ["#0b6b7c", "#b4500a"],
    bands: ["#0b6b7c2b", "#b4500a26"],
  },
  dark: {
    text: "#aab7c0",
    grid: "#2a343b",
    lines: ["#4fb6c7", "#f0a35e"],
    bands: ["#4fb6c72e", "#f0a35e2b"],
  },
};

export type OptionsOf = (palette: Palette) => Omit<uPlot.Options, "width" | "height">;

interface Props {
  data: uPlot.AlignedData;
  options: OptionsOf;
  /** What is seen, for those who cannot see it. */
  summary: string;
  height?: number;
}

/** uPlot inside React: redrawn when data, size or theme change. */
export function Chart({ data, options, summary, height = 240 }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme("light");

  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const width = () => Math.max(200, element.clientWidth);
    const plot = new uPlot({ ...options(palettes[scheme]), width: width(), height }, data, element);
    const observer = new ResizeObserver(() => {
      if (plot.width !== width()) plot.setSize({ width: width(), height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [data, options, scheme, height]);

  return <div ref={host} className={classes.chart} role="img" aria-label={summary} />;
}
