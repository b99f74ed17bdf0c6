import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The API of a running server; `npm run dev` shows the pages of this checkout on top of it.
const server = process.env.PLIMSOLL_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: { host: "127.0.0.1", proxy: { "/api": server } },
  build: {
    target: "es2022",
    // dist/.gitkeep keeps the folder in the repository, so Go builds before Node has run.
    emptyOutDir: true,
    copyPublicDir: true,
    chunkSizeWarningLimit: 700,
  },
  test: {
    environment: "happy-dom",
    setupFiles: ["src/test/setup.ts"],
    css: false,
    maxWorkers: 2,
  },
});
