// SPDX-License-Identifier: Apache-2.0
// What of the shell is open: asked by parts that do not stand within one another.
import { useMediaQuery } from '@mantine/hooks';
import { useSyncExternalStore } from 'react';

export type Open = 'none' | 'sidebar' | 'palette' | 'keys' | 'notices' | 'outbox' | 'arrange';

let open: Open = 'none';
const listeners = new Set<() => void>();

export function show(what: Open) {
  open = what;
  for (const tell of listeners) tell();
}
export const close = () => show('none');
export const openSidebar = () => show('sidebar');

const subscribe = (tell: () => void) => {
  listeners.add(tell);
  return () => void listeners.delete(tell);
};
const get = () => open;
export const useOpen = (): Open => useSyncExternalStore(subscribe, get);

export const useIsPhone = () =>
  useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false }) ?? false;
