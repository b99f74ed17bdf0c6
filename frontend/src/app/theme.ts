import { createTheme } from "@mantine/core";
import type { MantineColorsTuple } from "@mantine/core";

// The sea on a dull day: dark enough for white text from shade 7 on.
const sea: MantineColorsTuple = [
  "#e7f6f8",
  "#d3eaee",
  "#a6d5dd",
  "#75bfcb",
  "#4facbc",
  "#37a0b2",
  "#2292a6",
  "#0f7c8f",
  "#046878",
  "#005563",
];

const sans = [
  "system-ui",
  "-apple-system",
  '"Segoe UI"',
  "Roboto",
  '"PingFang SC"',
  '"Hiragino Sans GB"',
  '"Microsoft YaHei"',
  '"Noto Sans CJK SC"',
  "sans-serif",
].join(", ");

// The dark theme leans to blue like the sea at night.
const night: MantineColorsTuple = [
  "#cbd5db",
  "#b6c2ca",
  "#93a2ac",
  "#6c7b86",
  "#3d4a53",
  "#303b43",
  "#222b31",
  "#1a2126",
  "#13191d",
  "#0d1215",
];

export const theme = createTheme({
  colors: { sea, dark: night },
  primaryColor: "sea",
  primaryShade: { light: 7, dark: 8 },
  autoContrast: true,
  defaultRadius: "sm",
  cursorType: "pointer",
  fontFamily: sans,
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", "Noto Sans Mono CJK SC", monospace',
  headings: { fontFamily: sans, fontWeight: "650" },
  components: {
    Alert: { styles: { title: { color: "var(--mantine-color-text)" } } },
    Switch: { defaultProps: { withThumbIndicator: false } },
    Badge: { defaultProps: { radius: "sm", tt: "none" } },
    Tooltip: {
      defaultProps: { openDelay: 250, withArrow: true, events: { hover: true, focus: true, touch: true } },
    },
    Modal: { defaultProps: { closeButtonProps: { "aria-label": "×" } } },
  },
});
