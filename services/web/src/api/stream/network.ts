// SPDX-License-Identifier: Apache-2.0
// The hub's world in a browser.
import type { StreamAnswer, World } from './hub';

async function* pieces(body: ReadableStream<Uint8Array>): AsyncIterable<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield decoder.decode(value, { stream: true });
  }
}

async function* nothing(): AsyncIterable<string> {}

export const network: World = {
  async open(lastId, signal): Promise<StreamAnswer> {
    const headers: Record<string, string> = { Accept: 'text/event-stream' };
    if (lastId) headers['Last-Event-ID'] = lastId;
    const response = await fetch('/api/v1/events', { headers, signal, cache: 'no-store' });
    return { status: response.status, pieces: response.body ? pieces(response.body) : nothing() };
  },
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};
