// SPDX-License-Identifier: Apache-2.0
// Server-Sent Events from bytes. EventSource would do this, but it tells neither the status of a
// refusal (410: take the state anew) nor events whose names it was not told before.

export interface Message {
  id: string;
  event: string;
  data: string;
}

/** Takes text in any pieces and gives whole messages. `onLife` is called for comments, too. */
export class SseReader {
  retryMs = 2000;
  private rest = '';
  private id = '';
  private event = '';
  private data: string[] = [];
  constructor(private readonly onMessage: (message: Message) => void) {}

  take(text: string) {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.line(line.endsWith('\r') ? line.slice(0, -1) : line);
  }

  private line(line: string) {
    if (line === '') {
      if (this.data.length)
        this.onMessage({ id: this.id, event: this.event || 'message', data: this.data.join('\n') });
      this.event = '';
      this.data = [];
      return;
    }
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'id') this.id = value;
    else if (name === 'event') this.event = value;
    else if (name === 'data') this.data.push(value);
    else if (name === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
  }
}
