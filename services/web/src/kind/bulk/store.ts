// SPDX-License-Identifier: Apache-2.0
// What is chosen on the screen, and what is being done with it: asked for by the list, a record's page, the
// palette and the shell, which do not stand within one another. Small: every list loads it.
import { useEffect, useSyncExternalStore } from 'react';
import type { Kind } from '@/api/kinds';
import type { ListQuestion, Row } from '@/api/records';
import type { Offer } from './offers';

export interface Target {
  kind: Kind;
  /** Those that are here. */
  rows: Row[];
  /** All that a list shows, also what is not loaded: these are meant then. */
  all?: { question: ListQuestion; count: number };
}
export const countOf = (target: Target) => target.all?.count ?? target.rows.length;

interface State {
  target: Target | undefined;
  /** What somebody wants to do, and must say more about or confirm. */
  asking: { target: Target; offer: Offer } | undefined;
  /** Once there is anything to show, the overlay is loaded and stays. */
  isUsed: boolean;
}
/** Says to every tab, also to those that are opened later, that there are runs to go on with or to show. */
const FLAG = 'liaison.runs';
let state: State = { target: undefined, asking: undefined, isUsed: localStorage.getItem(FLAG) !== null };
const listeners = new Set<() => void>();
const subscribe = (tell: () => void) => {
  listeners.add(tell);
  return () => void listeners.delete(tell);
};
function put(change: Partial<State>) {
  state = { ...state, ...change };
  for (const tell of listeners) tell();
}

export function flagRuns(areThere: boolean) {
  if (areThere) localStorage.setItem(FLAG, 'yes');
  else localStorage.removeItem(FLAG);
}
addEventListener('storage', ({ key, newValue }) => {
  if (key === FLAG && newValue) put({ isUsed: true });
});

/** While the component is mounted, this is what commands are meant for. */
export function useOfferTarget(target: Target | undefined) {
  useEffect(() => {
    if (!target) return;
    put({ target });
    return () => put({ target: state.target === target ? undefined : state.target });
  }, [target]);
}
export const useTarget = () => useSyncExternalStore(subscribe, () => state.target);
export const useAsking = () => useSyncExternalStore(subscribe, () => state.asking);
export const useIsUsed = () => useSyncExternalStore(subscribe, () => state.isUsed);

export const ask = (target: Target, offer: Offer) => put({ asking: { target, offer }, isUsed: true });
export const answered = () => put({ asking: undefined });
