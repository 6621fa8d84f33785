// SPDX-License-Identifier: Apache-2.0
// What tests say to a node themselves, beside the browser: to make what they need and to look at what came of it.
import { type Cluster, type Department, until } from './cluster.ts';

// biome-ignore lint/suspicious/noExplicitAny: whatever a node answers; a test that reads what is not there fails
export type Json = any;

export class Api {
  constructor(
    readonly cluster: Cluster,
    readonly token = '',
  ) {}

  /** The answer's body; anything but 2xx is an error that says what was answered. */
  async ask(at: Department, method: string, path: string, body?: unknown, type = 'application/json'): Promise<Json> {
    const answer = await fetch(`${this.cluster.url(at)}/api/v1/${path}`, {
      method,
      headers: {
        ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}),
        ...(body === undefined ? {} : { 'Content-Type': type }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} at ${at}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }
  get(at: Department, path: string): Promise<Json> {
    return this.ask(at, 'GET', path);
  }
  post(at: Department, path: string, body: unknown = {}): Promise<Json> {
    return this.ask(at, 'POST', path, body);
  }
  /** Makes up to a thousand records at once. */
  many(at: Department, plural: string, records: unknown[]): Promise<Json> {
    const lines = records.map((record) => JSON.stringify(record)).join('\n');
    return this.ask(at, 'POST', `${plural}:batchCreate`, lines, 'application/jsonl');
  }
  patch(at: Department, path: string, body: unknown): Promise<Json> {
    return this.ask(at, 'PATCH', path, body);
  }

  /** Makes a record and waits until another node shows it too. */
  async make(at: Department, plural: string, record: unknown, seenAt: Department = at): Promise<Json> {
    const made = await this.post(at, plural, record);
    if (seenAt !== at) await this.seen(seenAt, `${plural}/${made.id}`, () => true);
    return made;
  }
  /** Waits until what a node answers is as wanted. */
  async seen(at: Department, path: string, is: (answer: Json) => boolean): Promise<void> {
    await until(`${path} at ${at}`, async () => {
      const answer = await this.get(at, path).catch(() => undefined);
      return answer !== undefined && is(answer);
    });
  }
}
