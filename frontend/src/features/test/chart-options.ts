/** How the lines of a test are drawn. Pure: data in, uPlot options out. */
import type uPlot from "uplot";
import type { OptionsOf, Palette } from "@/components/chart";
import { spansDecade } from "@/features/test/series";
import type { Point } from "@/features/test/series";
import { formatFigure } from "@/lib/format";

export interface Line {
  label: string;
  points: Point[];
}

/** uPlot's columns: the loads, then middle, low and high of every line. */
export function dataOf(lines: readonly Line[]): uPlot.AlignedData {
  const loads = (lines[0]?.points ?? []).map((p) => p.load);
  return [
    loads,
    ...lines.flatMap((line) => [
      line.points.map((p) => p.mid),
      line.points.map((p) => p.low),
      line.points.map((p) => p.high),
    ]),
  ];
}

interface Axes {
  load: string;
  value: string;
  unit: string;
}

/** Axes are logarithmic when the values span more than one decade; a linear one starts at 0. */
export function optionsOf(lines: readonly Line[], axes: Axes): OptionsOf {
  const loads = (lines[0]?.points ?? []).map((p) => p.load);
  const values = lines.flatMap((line) => line.points.flatMap((p) => [p.low, p.high]));
  const logX = spansDecade(loads);
  const logY = spansDecade(values);
  return (palette) => ({
    scales: {
      x: { time: false, distr: logX ? 3 : 1, range: around(logX) },
      y: logY ? { distr: 3 } : { range: (_u, _min, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      {
        ...axis(palette, axes.load + (logX ? " (log)" : "")),
        size: 28,
        splits: () => loads,
        filter: (u, splits) => apart(u, splits, logX),
        values: (_u, splits) => splits.map((v) => (v === null ? null : String(v))),
      },
      {
        ...axis(palette, axes.value + (logY ? " (log)" : "")),
        size: 62,
        values: (_u, splits) => splits.map((v) => (v === null ? null : formatFigure(v))),
      },
    ],
    series: [
      { label: axes.load, value: (_u, v) => (v === null ? "—" : String(v)) },
      ...lines.flatMap((line, i) => series(line, i, palette, axes.unit)),
    ],
    bands: lines.map((_, i) => ({ series: [3 * i + 3, 3 * i + 2], fill: palette.bands[i === 0 ? 0 : 1] })),
    cursor: { drag: { x: false, y: false }, points: { size: 8 } },
    legend: { live: true },
  });
}

function axis(palette: Palette, label: string): uPlot.Axis {
  return {
    label,
    stroke: palette.text,
    labelSize: 22,
    labelFont: "12px system-ui, sans-serif",
    font: "11px system-ui, sans-serif",
    grid: { stroke: palette.grid, width: 1 },
    ticks: { stroke: palette.grid, width: 1, size: 4 },
  };
}

// The second line is dashed too, so the two differ without colour.
function series(line: Line, index: number, palette: Palette, unit: string): uPlot.Series[] {
  const stroke = palette.lines[index === 0 ? 0 : 1];
  const edge: uPlot.Series = {
    show: true,
    stroke: "transparent",
    width: 0,
    points: { show: false },
    class: "u-edge",
  };
  return [
    {
      label: line.label,
      stroke,
      width: 2,
      ...(index > 0 ? { dash: [6, 4] } : {}),
      points: { show: true, size: 7, stroke, fill: stroke },
      spanGaps: false,
      value: (_u, v) => (v === null ? "—" : `${formatFigure(v)} ${unit}`),
    },
    edge,
    edge,
  ];
}

function around(log: boolean): uPlot.Scale.Range {
  return (_u, min, max) => {
    if (log) return [min / 1.3, max * 1.3];
    const room = Math.max((max - min) * 0.06, 0.5);
    return [min - room, max + room];
  };
}

// Numbers on the axis that would touch their neighbour are left out; the last one always stands.
function apart(u: uPlot, splits: number[], log: boolean): (number | null)[] {
  const place = (v: number) => (log ? Math.log10(v) : v);
  const first = splits[0];
  const last = splits[splits.length - 1];
  if (first === undefined || last === undefined || first === last) return splits;
  const width = u.width - 90;
  const gap = (26 / Math.max(width, 1)) * (place(last) - place(first));
  let kept = Number.NEGATIVE_INFINITY;
  return splits.map((v) => {
    const clear = place(v) - kept >= gap && (v === last || place(last) - place(v) >= gap);
    if (clear) kept = place(v);
    return clear ? v : null;
  });
}
