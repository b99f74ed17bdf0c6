import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

// Direction of imports: api, lib ← data ← components ← features ← app. Features do not know each other.
const zone = (folder, ...forbidden) => ({
  files: [`src/${folder}/**/*.{ts,tsx}`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          { group: forbidden.map((f) => `@/${f}/*`), message: `src/${folder} may not import from there.` },
          { group: ["../*"], message: "Use the @/ path, so the direction of imports shows." },
        ],
      },
    ],
  },
});
const features = ["archive", "auth", "history", "new-test", "test"];

export default tseslint.config(
  { ignores: ["dist", "src/api", "node_modules"] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  hooks.configs.flat.recommended,
  {
    files: ["src/**/*.{ts,tsx}"],
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unused-vars": ["error", { varsIgnorePattern: "^_" }],
      "max-lines": ["error", 300],
      "no-console": "error",
      eqeqeq: "error",
    },
  },
  zone("lib", "data", "components", "features", "app"),
  zone("data", "components", "features", "app"),
  zone("components", "features", "app"),
  ...features.map((f) =>
    zone(
      `features/${f}`,
      "app",
      ...features.filter((other) => other !== f).map((other) => `features/${other}`),
    ),
  ),
);
