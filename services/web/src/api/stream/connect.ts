// SPDX-License-Identifier: Apache-2.0
// A tab's side of the stream. Browsers without SharedWorker (Chrome on Android) have a hub of their own.
import { type FromTab, Hub, type StreamState, type Told, type ToTab } from './hub';
import { network } from './network';

type Taker = (message: ToTab) => void;

let send: ((message: FromTab) => void) | undefined;
let state: StreamState = 'connecting';
const takers = new Set<Taker>();
const stateListeners = new Set<() => void>();

function take(message: ToTab) {
  if (message.type === 'state') {
    state = message.state;
    for (const tell of stateListeners) tell();
  }
  for (const taker of takers) taker(message);
}

/** Joins the stream; once for a tab, when somebody is signed in. */
export function joinStream() {
  if (send) {
    send({ type: 'begin' });
    return;
  }
  if (typeof SharedWorker === 'undefined') {
    const hub = new Hub(network);
    const tab = { postMessage: take };
    send = (message) => hub.take(tab, message);
    hub.join(tab);
  } else {
    const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), {
      type: 'module',
      name: 'liaison-stream',
    });
    worker.port.onmessage = (event: MessageEvent<ToTab>) => take(event.data);
    send = (message) => worker.port.postMessage(message);
    addEventListener('pagehide', (event) => {
      // A page that is kept for the way back comes to life with its port.
      if (!event.persisted) worker.port.postMessage({ type: 'leave' } satisfies FromTab);
    });
  }
}

/** Whoever wants each event as it comes: a toast, a drawing of nodes, a person's live page. */
export function onEvents(tell: (events: Told[]) => void) {
  const taker: Taker = (message) => {
    if (message.type === 'events') tell(message.events);
  };
  takers.add(taker);
  return () => void takers.delete(taker);
}
export function onAnew(tell: () => void) {
  const taker: Taker = (message) => {
    if (message.type === 'anew') tell();
  };
  takers.add(taker);
  return () => void takers.delete(taker);
}

export const streamState = () => state;
export function onStreamState(tell: () => void) {
  stateListeners.add(tell);
  return () => void stateListeners.delete(tell);
}
