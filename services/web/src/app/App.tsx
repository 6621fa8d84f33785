// SPDX-License-Identifier: Apache-2.0
// What everything stands in.
import { MantineProvider, useComputedColorScheme } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { ApiError } from '@/api/problem';
import { useLanguage } from '@/texts';
import { usePreferences } from './preferences';
import { makeRouter } from './router';
import { theme, variables } from './theme';

const makeClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        // Events keep what is shown fresh; a "no" does not become a "yes" by asking again.
        staleTime: 30_000,
        refetchOnWindowFocus: false,
        networkMode: 'always',
        retry: (count, error) => !(error instanceof ApiError && error.status < 500) && count < 3,
      },
      mutations: { networkMode: 'always' },
    },
  });

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
  useLanguage();
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
            <Notifications position="bottom-center" limit={3} zIndex={500} />
          </Schemed>
        </ModalsProvider>
      </MantineProvider>
    </QueryClientProvider>
  );
}
