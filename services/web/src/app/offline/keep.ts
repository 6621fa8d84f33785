// SPDX-License-Identifier: Apache-2.0
// Has the app's files kept by the browser, once what is on the screen has come. Where browsers allow no worker (an
// address without TLS that is not this machine), pages that were not opened yet need the node: see patient.ts.
import { whenReachable } from '@/api/client';

const WAIT_MS = 3000;

export function keepFiles() {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  setTimeout(() => {
    void whenReachable()
      .then(() => navigator.serviceWorker.register('/sw.js'))
      .catch(() => undefined);
  }, WAIT_MS);
}
