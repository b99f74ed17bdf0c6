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

export const theme = createTheme({
  colors: { sea },
  primaryColor: "sea",
  primaryShade: { light: 7, dark: 8 },
  autoContrast: true,
  defaultRadius: "sm",
  cursorType: "pointer",
  fontFamily: sans,
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, Menlo, Consolas, "Noto Sans Mono CJK SC", "Liberation Mono", monospace',
  headings: { fontFamily: sans, fontWeight: "650" },
  components: {
    Badge: { defaultProps: { radius: "sm", tt: "none" } },
    Tooltip: {
      defaultProps: { openDelay: 250, withArrow: true, events: { hover: true, focus: true, touch: true } },
    },
    Modal: { defaultProps: { closeButtonProps: { "aria-label": "×" } } },
  },
});
