// SPDX-License-Identifier: Apache-2.0
// The one event stream of a browser, for all its tabs. It knows no worker and no network: what it
// needs is given, so that a test can be both. See worker.ts and connect.ts for who calls it.
//
//     waiting --open--> live --end or silence--> waiting (from the last id, later each time)
//        |                                           |
//        +-- 401: signed out, until told to begin ---+-- 409, 410, gap: told "anew", then from now on
import { type Message, SseReader } from './sse';

/** What a tab is told of one event: enough to know what it touches. */
export interface Told {
  /** Position: node/incarnation/number. */
  id: string;
  /** "deal.won" */
  fact: string;
  department: string;
  /** "/nodes/sales" is "sales" */
  node: string;
  time: string;
  customer?: string;
  changes: { kind: string; record: string; set?: Record<string, unknown> }[];
  data: Record<string, unknown>;
}

export type StreamState = 'connecting' | 'live' | 'waiting' | 'signed-out';

export type ToTab =
  | { type: 'state'; state: StreamState }
  | { type: 'events'; events: Told[] }
  /** Something was missed: whatever was read may be old. */
  | { type: 'anew' };
export type FromTab = { type: 'begin' } | { type: 'leave' };

export interface Tab {
  postMessage(message: ToTab): void;
}

export interface World {
  /** Opens the stream behind `lastId` (none: from now on). */
  open(lastId: string | undefined, signal: AbortSignal): Promise<StreamAnswer>;
  after(ms: number, then: () => void): () => void;
}
export interface StreamAnswer {
  status: number;
  pieces: AsyncIterable<string>;
}

/** Nodes say something at least every 15 s; a line that is silent for three of these is dead. */
const SILENCE_MS = 45_000;
const WAIT_MAX_MS = 30_000;
/** Events are told together: an import of thousands must not be thousands of messages to a tab. */
const GATHER_MS = 60;

export function readEvent(message: Message): Told | undefined {
  let event: Record<string, unknown>;
  try {
    event = JSON.parse(message.data) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  if (typeof event.type !== 'string' || typeof event.id !== 'string') return undefined;
  const [, department = 'any', ...fact] = event.type.split('.');
  const data = (event.data ?? {}) as Record<string, unknown>;
  const told: Told = {
    id: event.id,
    fact: fact.join('.'),
    department,
    node: String(event.source ?? '').replace(/^\/nodes\//, ''),
    time: String(event.time ?? ''),
    changes: Array.isArray(data.changes) ? (data.changes as Told['changes']) : [],
    data,
  };
  if (typeof event.subject === 'string') told.customer = event.subject;
  return told;
}

export class Hub {
  private readonly tabs = new Set<Tab>();
  private state: StreamState = 'waiting';
  private lastId: string | undefined;
  private attempt = 0;
  private round = 0;
  private abort: AbortController | undefined;
  private stopTimer: (() => void) | undefined;
  private stopSilence: (() => void) | undefined;
  private gathered: Told[] = [];
  private stopGather: (() => void) | undefined;

  constructor(private readonly world: World) {}

  join(tab: Tab) {
    this.tabs.add(tab);
    tab.postMessage({ type: 'state', state: this.state });
    if (this.tabs.size === 1) this.begin();
  }

  leave(tab: Tab) {
    this.tabs.delete(tab);
    if (this.tabs.size === 0) this.close();
  }

  take(tab: Tab, message: FromTab) {
    if (message.type === 'begin') this.begin();
    else this.leave(tab);
  }

  /** Connects now: at the start, after a sign-in, or when somebody does not want to wait. */
  begin() {
    this.stopTimer?.();
    this.abort?.abort();
    this.attempt = 0;
    void this.connect();
  }

  private close() {
    this.round++;
    this.stopTimer?.();
    this.stopSilence?.();
    this.abort?.abort();
    this.lastId = undefined;
    this.set('waiting');
  }

  private tell(message: ToTab) {
    for (const tab of this.tabs) tab.postMessage(message);
  }

  private set(state: StreamState) {
    if (state === this.state) return;
    this.state = state;
    this.tell({ type: 'state', state });
  }

  private async connect() {
    const round = ++this.round;
    const abort = new AbortController();
    this.abort = abort;
    this.set('connecting');
    const reader = new SseReader((message) => this.receive(message));
    try {
      this.watch(abort);
      const answer = await this.world.open(this.lastId, abort.signal);
      if (round !== this.round) return;
      if (!this.accepts(answer.status)) return;
      const missed = this.attempt > 0 && !this.lastId;
      this.attempt = 0;
      this.set('live');
      // Without an id there is nothing to go on from: what happened meanwhile was not told.
      if (missed) this.tell({ type: 'anew' });
      for await (const piece of answer.pieces) {
        if (round !== this.round) return;
        this.watch(abort);
        reader.take(piece);
      }
    } catch {
      // Below: whatever ended it, the way on is the same.
    }
    if (round === this.round) this.retry(reader.retryMs);
  }

  private accepts(status: number): boolean {
    if (status === 200) return true;
    this.stopSilence?.();
    if (status === 401) {
      this.set('signed-out');
      return false;
    }
    if (status === 404 || status === 409 || status === 410) {
      this.lastId = undefined;
      this.tell({ type: 'anew' });
    }
    this.retry(1000);
    return false;
  }

  private retry(firstMs: number) {
    this.stopSilence?.();
    this.set('waiting');
    if (this.tabs.size === 0) return;
    const ms = Math.min(firstMs * 2 ** Math.min(this.attempt, 6), WAIT_MAX_MS);
    this.attempt++;
    this.stopTimer = this.world.after(ms, () => void this.connect());
  }

  private watch(abort: AbortController) {
    this.stopSilence?.();
    this.stopSilence = this.world.after(SILENCE_MS, () => abort.abort());
  }

  private receive(message: Message) {
    if (message.id) this.lastId = message.id;
    if (message.event === 'stream.gap') {
      this.tell({ type: 'anew' });
      return;
    }
    const told = readEvent(message);
    if (!told) return;
    this.gathered.push(told);
    this.stopGather ??= this.world.after(GATHER_MS, () => {
      this.stopGather = undefined;
      const events = this.gathered;
      this.gathered = [];
      this.tell({ type: 'events', events });
    });
  }
}
