// SPDX-License-Identifier: Apache-2.0
// Debian's Chromium, no browser of anybody else's. Two workers, each with a cluster of its own.
import { defineConfig } from '@playwright/test';
import { results } from './harness/places.ts';

export default defineConfig({
  testDir: 'specs',
  outputDir: `${results}/failed`,
  workers: Number(process.env.WORKERS ?? 2),
  forbidOnly: true,
  // Eight nodes, two browsers and whatever else runs on two cores: one more try, and the list says "flaky".
  retries: 1,
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce', // else axe measures colours that are half faded
    actionTimeout: 30_000,
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
