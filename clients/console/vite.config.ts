// Builds the console to clients/console/dist; in development it speaks to a core on this machine.
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const core = process.env['OVERSEER_URL'] ?? 'http://127.0.0.1:7700';

export default defineConfig({
  plugins: [react(), tailwindcss()],
  // The content security policy allows no data: fonts, so nothing is inlined.
  build: { outDir: 'dist', emptyOutDir: true, assetsInlineLimit: 0, target: 'es2023' },
  server: { port: 7710, proxy: { '/api': core, '/healthz': core } },
});
