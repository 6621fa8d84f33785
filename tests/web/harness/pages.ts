// SPDX-License-Identifier: Apache-2.0
// Every page of the app that people can open, each told in a file specs/*.pages.ts by whoever made it. All of them
// are looked at by axe, photographed, and must run without a fault (specs/pages.spec.ts).
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { Office } from './office.ts';
import { root } from './places.ts';
import type { PersonName } from './people.ts';

export interface RegisteredPage {
  /** Of its pictures, too: "customer-list". */
  name: string;
  /** Who looks at it; default: the administrator. */
  as?: PersonName;
  /** Where it is. What it needs beside the made-up company is made here. */
  path: string | ((office: Office) => Promise<string>);
  /** Waits for what shows that it is there, and opens what is to be seen. */
  ready: (page: Page) => Promise<void>;
}

const folder = join(root, 'tests/web/specs');

export async function registeredPages(): Promise<RegisteredPage[]> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.pages.ts'));
  const found = await Promise.all(files.map((name) => import(join(folder, name)) as Promise<{ default: RegisteredPage[] }>));
  const pages = found.flatMap((file) => file.default);
  const names = pages.map((page) => page.name);
  for (const name of names) if (names.indexOf(name) !== names.lastIndexOf(name)) throw new Error(`two pages are called ${name}`);
  return pages;
}
