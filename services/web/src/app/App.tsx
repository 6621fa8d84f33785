// SPDX-License-Identifier: Apache-2.0
// What everything stands in.
import { MantineProvider, useComputedColorScheme } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { type ReactNode, Suspense, useEffect, useMemo, useState } from 'react';
import { ApiError, OfflineError } from '@/api/problem';
import { later } from '@/app/offline/later';
import { usePreferences } from './preferences';
import { makeRouter } from './router';
import { useTexts } from './texts';
import { makeTheme, variables } from './theme';

const makeClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        // Events keep what is shown fresh; a "no" does not become a "yes" by asking again.
        staleTime: 30_000,
        refetchOnWindowFocus: false,
        networkMode: 'always',
        // Nor is there a node because of it: it is asked again as soon as one answers (heedConnection).
        retry: (count, error) =>
          !(error instanceof OfflineError || (error instanceof ApiError && error.status < 500)) && count < 3,
      },
      mutations: { networkMode: 'always' },
    },
  });

const Toasts = later(() => import('@/ui/toasts'));

/** What style sheets that are written at run time must carry. */
const styleNonce = () => document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

/** Mantine keeps a scheme of its own; ours is among the preferences. */
const schemeManager = {
  get: () => 'auto' as const,
  set: () => {},
  subscribe: () => {},
  unsubscribe: () => {},
  clear: () => {},
};

function Schemed({ children }: { children: ReactNode }) {
  const scheme = useComputedColorScheme();
  useEffect(() => {
    document.querySelector('meta[name="color-scheme"]')?.setAttribute('content', scheme);
  }, [scheme]);
  return children;
}

export function App() {
  const [client] = useState(makeClient);
  const [router] = useState(() => makeRouter(client));
  const { scheme } = usePreferences();
  const close = useTexts()('close');
  const theme = useMemo(() => makeTheme(close), [close]);
  return (
    <QueryClientProvider client={client}>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={variables}
        getStyleNonce={styleNonce}
        colorSchemeManager={schemeManager}
        defaultColorScheme="auto"
        {...(scheme === 'auto' ? {} : { forceColorScheme: scheme })}
      >
        <ModalsProvider>
          <Schemed>
            <RouterProvider router={router} />
            <Suspense>
              <Toasts />
            </Suspense>
          </Schemed>
        </ModalsProvider>
      </MantineProvider>
    </QueryClientProvider>
  );
}
