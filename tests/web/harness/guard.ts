// SPDX-License-Identifier: Apache-2.0
// What no page may do, whatever a test is about: break the policy, log an error, ask another host, or get a 5xx.
import type { BrowserContext, Page } from '@playwright/test';
import type { Cluster } from './cluster.ts';

export class Guard {
  readonly faults: string[] = [];
  readonly #allowed: RegExp[] = [];

  /** For a test that brings it about: faults that match are none from now on. */
  allow(...patterns: RegExp[]): void {
    this.#allowed.push(...patterns);
  }
  #note(text: string): void {
    if (!this.#allowed.some((pattern) => pattern.test(text))) this.faults.push(text);
  }

  #watchPage(page: Page): void {
    page.on('pageerror', (error) => this.#note(`thrown at ${page.url()}: ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      // What the API refuses is an answer like others; the browser logs it all the same.
      const isRefusal = /^Failed to load resource: the server responded with a status of 4\d\d/.test(message.text());
      if (message.type() === 'error' && !isRefusal) this.#note(`console at ${page.url()}: ${message.text()}`);
    });
  }

  watch(context: BrowserContext, cluster: Cluster): void {
    context.on('page', (page) => this.#watchPage(page));
    context.on('request', (request) => {
      const url = request.url();
      if (/^https?:|^wss?:/.test(url) && !cluster.owns(url)) this.#note(`another host is asked: ${url}`);
    });
    context.on('response', (response) => {
      if (response.status() >= 500) this.#note(`${response.request().method()} ${response.url()}: ${response.status()}`);
    });
  }
}
