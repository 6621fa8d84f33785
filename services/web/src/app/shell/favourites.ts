// SPDX-License-Identifier: Apache-2.0
// Favourites and saved views: places that people keep. Both are records like others.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouterState } from '@tanstack/react-router';
import { act } from '@/api/act';
import { allQuery, type Row } from '@/api/records';
import { useUserId } from '@/api/session';
import { texts } from '../texts';

export interface Favourite extends Row {
  path: string;
  label: string;
  position?: number;
  owner?: string;
}
export interface SavedView extends Row {
  name: string;
  of: string;
  filter?: string;
  order_by?: string;
  columns?: string;
  layout?: string;
  group_by?: string;
  sharing?: 'private' | 'team' | 'all';
  owner?: string;
}

export const favouritesQuery = allQuery('favourites');
export const viewsQuery = allQuery('views');

export function useFavourites(): Favourite[] {
  const user = useUserId();
  const { data } = useQuery(favouritesQuery);
  return ((data ?? []) as Favourite[])
    .filter((one) => !one.owner || one.owner === user)
    .sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
}

export const useViews = (): SavedView[] => (useQuery(viewsQuery).data ?? []) as SavedView[];

/** Whether this page is a favourite, and the way to change that. */
export function useFavouriteHere() {
  const client = useQueryClient();
  const favourites = useFavourites();
  const path = useRouterState({ select: (state) => state.location.href });
  const found = favourites.find((one) => one.path === path);
  const toggle = async () => {
    if (found)
      await act(client, {
        method: 'DELETE',
        path: `favourites/${found.id}`,
        label: texts('removeFavourite'),
        record: { plural: 'favourites', id: found.id },
        undo: true,
        done: texts('unfavourited'),
      });
    else
      await act(client, {
        method: 'POST',
        path: 'favourites',
        body: {
          path,
          label: document.title.replace(/ · Liaison$/, ''),
          position: (favourites.at(-1)?.position ?? 0) + 1,
        },
        label: texts('addFavourite'),
        done: texts('favourited'),
      });
    await client.invalidateQueries({ queryKey: favouritesQuery.queryKey });
  };
  return { is: !!found, toggle: () => void toggle().catch(() => undefined) };
}
