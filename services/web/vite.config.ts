import { readdirSync, readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { firstScreen } from './plugins/first';
import { german } from './plugins/german';
import { offline } from './plugins/offline';

// Where the API is while developing: the address of any node.
const node = process.env.LIAISON_NODE ?? 'http://127.0.0.1:27100';

const publicFolder = new URL('./public/', import.meta.url);
const publicFiles = () =>
  readdirSync(publicFolder).map((name) => ({ name, content: readFileSync(new URL(name, publicFolder)) }));

export default defineConfig({
  plugins: [german(), react(), offline(publicFiles)],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  server: {
    proxy: {
      '/api': {
        target: node,
        changeOrigin: true,
        // A node takes writes of pages of its own address only.
        headers: { origin: node },
      },
    },
  },
  // The node puts another word in its place with each answer, and into the policy.
  html: { cspNonce: 'liaison-nonce' },
  build: {
    target: 'es2022',
    // Nothing stands within index.html or within style sheets, so that the policy can forbid it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: { index: 'index.html', sw: 'src/app/offline/worker.ts' },
      output: {
        // A worker speaks for the folder that it stands in, and is found again by its name.
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
        codeSplitting: { groups: firstScreen() },
      },
    },
  },
  worker: { format: 'es' },
  test: {
    include: ['{src,plugins}/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test/setup.ts'],
  },
});
