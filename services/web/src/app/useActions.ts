// SPDX-License-Identifier: Apache-2.0
// Binds actions to what is on the screen, and keys to actions.
import { useRouter } from '@tanstack/react-router';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { ActionDefinition, ActionTools } from './area';
import { KeyReader, type Pressed } from './keys';
import { actions } from './registry';

type Run = () => void;
type Bound = ReadonlyMap<string, Run>;

/** Later ones go before earlier ones: a dialog's before the page's behind it. */
let layers: { bound: Bound }[] = [];
let bound: Bound = new Map();
const listeners = new Set<() => void>();

function changed() {
  bound = new Map(layers.flatMap((layer) => [...layer.bound]));
  for (const tell of listeners) tell();
}

/** While the component is mounted, these actions (by id) do this. undefined: not now. */
export function useActions(what: Record<string, Run | undefined>) {
  const latest = useRef(what);
  useEffect(() => {
    latest.current = what;
  });
  const names = Object.keys(what)
    .filter((id) => what[id])
    .join(' ');
  useEffect(() => {
    const ids = names ? names.split(' ') : [];
    const layer = { bound: new Map(ids.map((id) => [id, () => latest.current[id]?.()])) };
    layers = [...layers, layer];
    changed();
    return () => {
      layers = layers.filter((one) => one !== layer);
      changed();
    };
  }, [names]);
}

const subscribe = (tell: () => void) => {
  listeners.add(tell);
  return () => void listeners.delete(tell);
};
const getBound = () => bound;

export const useBound = (): Bound => useSyncExternalStore(subscribe, getBound);

export function runAction(action: ActionDefinition, tools: ActionTools): boolean {
  const run = bound.get(action.id);
  if (run) run();
  else if (action.run) action.run(tools);
  else return false;
  return true;
}

export const keysOf = (action: ActionDefinition): string[] =>
  action.keys === undefined ? [] : Array.isArray(action.keys) ? action.keys : [action.keys];

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
  !/^(checkbox|radio|button)$/.test((target as HTMLInputElement).type ?? '');

const pressable =
  'button, a[href], summary, input, [role="button"], [role="menuitem"], [role="option"], [role="tab"]';

/** What has the focus does something with the key itself: Enter presses a button, arrows choose in a group. */
const isItsOwn = (event: KeyboardEvent): boolean => {
  if (!(event.target instanceof Element) || event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.key === 'Enter' || event.key === ' ') return event.target.closest(pressable) !== null;
  return event.key.startsWith('Arrow') && event.target.matches('input[type="radio"], [role="tab"]');
};

/** A choice takes Enter to open itself, also with Ctrl, and hands on nothing of it. */
const isOfChoice = (event: KeyboardEvent): boolean =>
  event.key === 'Enter' &&
  (event.ctrlKey || event.metaKey) &&
  event.target instanceof Element &&
  event.target.matches('[aria-haspopup="listbox"]');

/** With Alt some keyboards write other signs: then the key itself counts. */
const keyOf = (event: KeyboardEvent) =>
  event.altKey && /^Key[A-Z]$/.test(event.code) ? event.code.slice(3) : event.key;

const pressedOf = (event: KeyboardEvent): Pressed => ({
  key: keyOf(event),
  mod: event.ctrlKey || event.metaKey,
  alt: event.altKey,
  shift: event.shiftKey,
  typing: isTyping(event.target),
});

/** Once, in the shell. */
export function useKeys() {
  const router = useRouter();
  useEffect(() => {
    const reader = new KeyReader<ActionDefinition>();
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || isItsOwn(event)) return;
      const active = actions.filter((action) => action.run || bound.has(action.id));
      const bindings = active.flatMap((action) => keysOf(action).map((keys) => ({ keys, what: action })));
      const action = reader.read(bindings, pressedOf(event), event.timeStamp);
      if (!action || !runAction(action, { go: (to) => void router.navigate({ to }) })) return;
      event.preventDefault();
      event.stopPropagation();
    };
    const early = (event: KeyboardEvent) => isOfChoice(event) && listen(event);
    addEventListener('keydown', early, { capture: true });
    addEventListener('keydown', listen);
    return () => {
      removeEventListener('keydown', early, { capture: true });
      removeEventListener('keydown', listen);
    };
  }, [router]);
}
