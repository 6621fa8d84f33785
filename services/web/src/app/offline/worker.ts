// SPDX-License-Identifier: Apache-2.0
// The service worker: it keeps the app's own files, and so every page of it opens while the node is away. Data is not
// its business. A new version waits until all tabs of the old one are closed, so that none finds its files gone.
//
// It is built to /sw.js, and plugins/offline.ts writes into it what the files are.
import { isAnswered, planOf } from './plan';

declare const LIAISON_FILES: { version: string; paths: string[] };

/** What this file needs of a service worker; the app's types are those of a page. */
interface Waiting extends Event {
  waitUntil(done: Promise<unknown>): void;
}
interface Fetching extends Event {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}
/** Chrome asks no worker for what is said here. */
interface Routing extends Waiting {
  addRoutes?: (routes: { condition: { urlPattern: string }; source: 'network' }[]) => Promise<void>;
}
const worker = self as unknown as {
  addEventListener(name: 'install', take: (event: Routing) => void): void;
  addEventListener(name: 'activate', take: (event: Waiting) => void): void;
  addEventListener(name: 'fetch', take: (event: Fetching) => void): void;
  clients: { claim(): Promise<void> };
};

const paths = new Set(LIAISON_FILES.paths);
const prefix = 'liaison-app-';
const store = `${prefix}${LIAISON_FILES.version}`;

worker.addEventListener('install', (event) => {
  const fill = async () => {
    const kept = await caches.open(store);
    await kept.addAll(['/', ...paths]);
    await event
      .addRoutes?.([{ condition: { urlPattern: '/api/*' }, source: 'network' }])
      .catch(() => undefined);
  };
  event.waitUntil(fill());
});

worker.addEventListener('activate', (event) => {
  const tidy = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== store);
    await Promise.all(old.map((name) => caches.delete(name)));
    await worker.clients.claim();
  };
  event.waitUntil(tidy());
});

async function file(request: Request): Promise<Response> {
  const kept = await caches.open(store);
  return (await kept.match(new URL(request.url).pathname, { ignoreVary: true })) ?? fetch(request);
}

async function page(request: Request): Promise<Response> {
  const kept = () => caches.open(store).then((there) => there.match('/'));
  try {
    const answer = await fetch(request);
    return isAnswered(answer.status) ? answer : ((await kept()) ?? answer);
  } catch (error) {
    const instead = await kept();
    if (!instead) throw error;
    return instead;
  }
}

worker.addEventListener('fetch', (event) => {
  const plan = planOf(event.request, location.origin, paths);
  if (plan === 'kept') event.respondWith(file(event.request));
  if (plan === 'page') event.respondWith(page(event.request));
});
