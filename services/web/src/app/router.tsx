// SPDX-License-Identifier: Apache-2.0
// Paths to pages: those of src/pages, and behind them two for every kind of record. What a list shows
// (filter, order, view) stands in the address, as plain text that people can read and send.
import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Navigate,
} from '@tanstack/react-router';
import ListPage from '@/kind/list/ListPage';
import { Failed } from '@/ui/Failed';
import { Gate } from './Gate';
import { patient } from './offline/patient';
import { pages } from './registry';
import { Start } from './Start';

/** A page is shown once the kit's styles are there. */
const styled = <T,>(load: () => Promise<T>) =>
  patient(async (): Promise<T> => {
    const [page] = await Promise.all([load(), import('./styles/rest')]);
    return page;
  });

const parseSearch = (text: string): Record<string, string> => Object.fromEntries(new URLSearchParams(text));
const stringifySearch = (search: Record<string, unknown>): string => {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries(search))
    if (value !== undefined && value !== null && value !== '') said.set(name, String(value));
  const text = said.toString();
  return text ? `?${text}` : '';
};

export function makeRouter(client: QueryClient) {
  const root = createRootRoute({ component: Gate, notFoundComponent: () => <Navigate to="/" /> });
  const routes = pages.map((page) =>
    createRoute({
      getParentRoute: () => root,
      path: page.path,
      component: lazyRouteComponent(styled(page.load)),
    }),
  );
  const start = createRoute({ getParentRoute: () => root, path: '/', component: Start });
  const list = createRoute({
    getParentRoute: () => root,
    path: '/$plural',
    component: ListPage,
  });
  const record = createRoute({
    getParentRoute: () => root,
    path: '/$plural/$id',
    component: lazyRouteComponent(styled(() => import('@/kind/record/RecordPage'))),
  });
  return createRouter({
    routeTree: root.addChildren([start, list, record, ...routes]),
    context: { client },
    parseSearch,
    stringifySearch,
    defaultPreload: 'intent',
    defaultErrorComponent: Failed,
    scrollRestoration: true,
  });
}
