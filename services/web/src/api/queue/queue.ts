// SPDX-License-Identifier: Apache-2.0
// Commands on their way to the node. One that finds no node waits, in order, and is sent later; its
// Idempotency-Key makes it harmless that nobody knows whether it had come through the first time.
// A "no" of the node is final: it is kept with its reason until the person has seen it.
//
// Pure: where commands are kept and how they travel is given. See keeper.ts and commands.ts.

export interface Command {
  /** The Idempotency-Key, a UUID of version 7. */
  key: string;
  method: string;
  /** Below /api/v1. */
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** What the person did, in their words, for the list of what waits. */
  label: string;
  /** Whose it is: what one person typed is never sent as another. */
  user: string;
  at: number;
  /** Why the node refused it. */
  refused?: string;
}

export interface Keeper {
  load(): Promise<Command[]>;
  put(command: Command): Promise<void>;
  remove(key: string): Promise<void>;
}

export interface Carrier {
  /** Throws `Unreachable` when no node answered; anything else thrown is a "no". */
  send(command: Command): Promise<unknown>;
  isUnreachable(error: unknown): boolean;
  inWords(error: unknown): string;
}

export interface Outbox {
  waiting: Command[];
  refused: Command[];
  sending: boolean;
}

/** What `send` answers for a command that waits. */
export const later = Symbol('later');

export class Queue {
  private commands: Command[] = [];
  private flushing: Promise<void> | undefined;
  private isAskedAgain = false;
  private readonly listeners = new Set<() => void>();
  private view: Outbox = { waiting: [], refused: [], sending: false };

  constructor(
    private readonly keeper: Keeper,
    private readonly carrier: Carrier,
    private readonly user: () => string | undefined,
  ) {}

  async open() {
    const kept = await this.keeper.load();
    const known = new Set(this.commands.map((command) => command.key));
    this.commands = [...kept.filter((command) => !known.has(command.key)), ...this.commands];
    this.commands.sort((a, b) => (a.key < b.key ? -1 : 1));
    this.changed();
  }

  readonly outbox = () => this.view;
  readonly subscribe = (tell: () => void) => {
    this.listeners.add(tell);
    return () => void this.listeners.delete(tell);
  };

  /** The node's answer, or `later`. Throws the node's "no". */
  async send(command: Command): Promise<unknown> {
    // Behind what waits, or it could come before what it builds on.
    if (this.mine().some((other) => !other.refused)) {
      await this.keep(command);
      void this.flush();
      return later;
    }
    try {
      return await this.carrier.send(command);
    } catch (error) {
      if (!this.carrier.isUnreachable(error)) throw error;
      await this.keep(command);
      return later;
    }
  }

  /** Sends what waits, the oldest first, until one does not come through. Safe to call at any time. */
  flush(): Promise<void> {
    // One that is under way may have found no node a moment before there was one.
    this.isAskedAgain = this.flushing !== undefined;
    this.flushing ??= this.runAll().finally(() => {
      this.flushing = undefined;
      this.changed();
    });
    return this.flushing;
  }

  async discard(key: string) {
    this.commands = this.commands.filter((command) => command.key !== key);
    await this.keeper.remove(key);
    this.changed();
  }

  async retry(key: string) {
    const command = this.commands.find((one) => one.key === key);
    if (!command) return;
    delete command.refused;
    await this.keeper.put(command);
    await this.flush();
  }

  private mine(): Command[] {
    const user = this.user();
    return this.commands.filter((command) => command.user === user);
  }

  private async keep(command: Command) {
    this.commands.push(command);
    await this.keeper.put(command);
    this.changed();
  }

  private async runAll() {
    do {
      this.isAskedAgain = false;
      await this.run();
    } while (this.isAskedAgain);
  }

  private async run() {
    for (;;) {
      const next = this.mine().find((command) => !command.refused);
      if (!next) return;
      this.changed();
      try {
        await this.carrier.send(next);
        await this.discard(next.key);
      } catch (error) {
        if (this.carrier.isUnreachable(error)) return;
        next.refused = this.carrier.inWords(error);
        await this.keeper.put(next);
        this.changed();
      }
    }
  }

  private changed() {
    const mine = this.mine();
    this.view = {
      waiting: mine.filter((command) => !command.refused),
      refused: mine.filter((command) => command.refused),
      sending: this.flushing !== undefined,
    };
    for (const tell of this.listeners) tell();
  }
}
