// SPDX-License-Identifier: Apache-2.0
import '@fontsource-variable/inter';
import '@/app/styles/first';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from '@/app/App';
import { keepFiles } from '@/app/offline/keep';
import { textsReady } from '@/texts';

// Of the library that keeps a page from scrolling behind a dialog.
Object.assign(globalThis, {
  __webpack_nonce__: document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce,
});

const root = document.getElementById('root');
if (root)
  void textsReady().then(() =>
    createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    ),
  );
keepFiles();
