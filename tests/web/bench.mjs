// SPDX-License-Identifier: Apache-2.0
// How long people wait for the app, at nodes full of data: node tests/web/bench.mjs BASE LOG RUNS
// BASE: the first of the four ports; 100,000 customers are there, and nobody is administrator yet. LOG: what the
// node of sales said at its start. Prints lines of {name, value, unit}, as every part of tools/bench does. All times are
// from what somebody did (the browser's own stamp of a click, a turn of the wheel, a move of the mouse) to the frame
// that shows it. CUSTOMERS (that are there), INTERACTIONS and CARDS make it smaller, to try it.
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
/** The middle one, and the one that a hundredth is above. */
function spread(name, values) {
  if (!values.length) throw new Error(`${name}: nothing was measured`);
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  told(`${name}_p50`, at(0.5), 'ms');
  told(`${name}_p99`, at(0.99), 'ms');
}

/* ---- what is there ----------------------------------------------------------------------------- */

const secret = /#setup=([\w-]+)/.exec(readFileSync(log, 'utf8'))[1];
await ask('POST', 'setup', { secret, name: 'Ada', email, password });
const entered = await ask('POST', 'session', { email, password });
const session = /^liaison=([^;]*)/.exec(entered.headers.get('set-cookie'))[1];
token = (await (await ask('POST', 'session', { email, password, token: true })).json()).token;

const name = 'Old Customer';
const { id } = await (await ask('POST', 'customers?check=false', { name, job_title: 'Regular' })).json();
/** Many records, a thousand at once. */
async function make(plural, count, record) {
  for (let begin = 0; begin < count; begin += 1000) {
    const lines = Array.from({ length: Math.min(1000, count - begin) }, (_, i) => JSON.stringify(record(begin + i)));
    await ask('POST', `${plural}:batchCreate`, lines.join('\n'), 'application/jsonl');
  }
}
const interactions = Number(process.env.INTERACTIONS ?? 2000);
const cards = Number(process.env.CARDS ?? 2000);
const customers = Number(process.env.CUSTOMERS ?? 100_000); // how many there are already
await make('interactions', interactions, (i) => ({ customer: id, type: i % 2 ? 'call' : 'email', subject: `About matter ${i}` }));
await make('deals', cards, (i) => ({ customer: id, name: `Card ${i}`, amount: { amount_minor: 1000 * i, currency: 'EUR' } }));

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

/**
 * Notes, in the page, how long it takes from each event of these types until what it did is on the screen: the frame
 * after it, and what that frame has to do.
 */
const watch = (types) =>
  page.evaluate((types) => {
    window.took = [];
    const { port1, port2 } = new MessageChannel();
    const waiting = [];
    port1.onmessage = () => {
      const now = performance.now();
      for (const stamp of waiting.splice(0)) window.took.push(now - stamp);
    };
    const note = ({ timeStamp }) =>
      requestAnimationFrame(() => {
        waiting.push(timeStamp);
        port2.postMessage(0);
      });
    for (const type of types) addEventListener(type, note, { capture: true, passive: true });
    window.between = [];
    let last = performance.now();
    const frame = (now) => {
      window.between.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }, types);
/** How long each took, and what lies between two frames meanwhile. */
const taken = () => page.evaluate(() => ({ took: window.took, frames: window.between }));

/** Somebody turns the wheel through a list, to where more of it has to be fetched again and again. */
async function scrollList() {
  await page.goto(`${site}/customers`);
  await page.getByRole('row').nth(5).waitFor();
  await page.mouse.move(700, 500);
  await watch(['wheel']);
  for (let turn = 0; turn < 300; turn++) await page.mouse.wheel(0, 600);
  return taken();
}

/** A card is dragged over the columns of a board and back, and left in the next one. */
async function dragCard(turns) {
  await page.goto(`${site}/deals`);
  const card = page.locator('[data-card]').first();
  await card.waitFor();
  const columns = await page.getByRole('region').filter({ has: page.getByRole('heading', { level: 2 }) }).all();
  await watch(['dragover', 'drop']);
  for (let turn = 0; turn < turns; turn++) {
    const from = await card.boundingBox();
    const to = await columns[1 + (turn % 2)].boundingBox();
    await page.mouse.move(from.x + 60, from.y + 14);
    await page.mouse.down();
    await page.mouse.move(to.x + 80, to.y + 200, { steps: 25 });
    await page.mouse.up();
  }
  return taken();
}

const opened = [];
await openCustomer(); // code is loaded and compiled
for (let i = 0; i < Number(runs); i++) opened.push(await openCustomer());
spread(`open_customer_of_${interactions}_interactions`, opened);
const scrolled = await scrollList();
spread(`scroll_list_of_${customers}`, scrolled.took);
spread(`scroll_list_of_${customers}_frame`, scrolled.frames);
spread(`drag_on_board_of_${cards}`, (await dragCard(Number(runs))).took);
await browser.close();
