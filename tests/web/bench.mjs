// SPDX-License-Identifier: Apache-2.0
// How long people wait for the app, at nodes full of data: node tests/web/bench.mjs BASE LOG RUNS
// BASE: the first of the four ports; 100,000 customers are there, and nobody is administrator yet. LOG: what the
// node of sales said at its start. Prints lines of {name, value, unit}, as every part of tools/bench does.
import { readFileSync } from 'node:fs';
import { chromium } from '@playwright/test';

const [base, log, runs = '20'] = process.argv.slice(2);
const site = `http://127.0.0.1:${base}`;
const password = 'a sea of green tea';
const email = 'ada@example.com';

let token = '';
async function ask(method, path, body, type = 'application/json') {
  const answer = await fetch(`${site}/api/v1/${path}`, {
    method,
    headers: { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...(body ? { 'Content-Type': type } : {}) },
    ...(body ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}

const told = (name, value, unit) => console.log(JSON.stringify({ name: `web.${name}`, value: Math.round(value * 10) / 10, unit }));
function spread(name, values, unit) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  told(`${name}_p50`, at(0.5), unit);
  told(`${name}_p95`, at(0.95), unit);
}

/* ---- what is there ----------------------------------------------------------------------------- */

const secret = /#setup=([\w-]+)/.exec(readFileSync(log, 'utf8'))[1];
await ask('POST', 'setup', { secret, name: 'Ada', email, password });
const entered = await ask('POST', 'session', { email, password });
const session = /^liaison=([^;]*)/.exec(entered.headers.get('set-cookie'))[1];
token = (await (await ask('POST', 'session', { email, password, token: true })).json()).token;

const name = 'Old Customer';
const { id } = await (await ask('POST', 'customers?check=false', { name, job_title: 'Regular' })).json();
for (const half of [0, 1000]) {
  const lines = Array.from({ length: 1000 }, (_, i) =>
    JSON.stringify({ customer: id, type: i % 2 ? 'call' : 'email', subject: `About matter ${half + i}` }));
  await ask('POST', 'interactions:batchCreate', lines.join('\n'), 'application/jsonl');
}

/* ---- what people do ---------------------------------------------------------------------------- */

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
await context.addCookies([{ name: 'liaison', value: session, domain: '127.0.0.1', path: '/', httpOnly: true, sameSite: 'Strict' }]);
const page = await context.newPage();

/** From the click to the frame that shows the customer's name and fields. */
async function openCustomer() {
  await page.goto(`${site}/customers?filter=${encodeURIComponent(`id = "${id}"`)}`);
  const row = page.getByRole('row', { name }).getByText(name).first();
  await row.waitFor();
  const took = page.evaluate(
    (name) =>
      new Promise((done) => {
        let began = 0;
        addEventListener('click', (event) => { began = event.timeStamp; }, { capture: true, once: true });
        const look = () => {
          const isThere = document.querySelector('h1')?.textContent === name && document.querySelector('[data-field]');
          if (began && isThere) requestAnimationFrame(() => done(performance.now() - began));
          else requestAnimationFrame(look);
        };
        look();
      }),
    name,
  );
  await row.click();
  return took;
}

/** Times between frames while somebody turns the wheel. */
async function scrollList() {
  await page.goto(`${site}/customers`);
  await page.getByRole('row').nth(5).waitFor();
  await page.mouse.move(700, 500);
  const frames = page.evaluate(
    () =>
      new Promise((done) => {
        const took = [];
        let last = performance.now();
        const end = last + 5000;
        const look = (now) => {
          took.push(now - last);
          last = now;
          if (now < end) requestAnimationFrame(look);
          else done(took.slice(1));
        };
        requestAnimationFrame(look);
      }),
  );
  let over = false;
  frames.finally(() => { over = true; });
  while (!over) await page.mouse.wheel(0, 600);
  return frames;
}

const opened = [];
await openCustomer(); // code is loaded and compiled
for (let i = 0; i < Number(runs); i++) opened.push(await openCustomer());
spread('open_customer_of_2000_interactions', opened, 'ms');
spread('scroll_list_of_100000_frame', await scrollList(), 'ms');
await browser.close();
