// SPDX-License-Identifier: Apache-2.0
// Four real nodes on free ports, as children of this process: they end with it, however it ends.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bin, results } from './places.ts';

export const departments = ['sales', 'marketing', 'service', 'analytics'] as const;
export type Department = (typeof departments)[number];

const run = promisify(execFile);
const patience = 60_000;

/** Asks again until it holds. Nothing in these tests waits for a time to pass. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + patience;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited too long for ${what}`);
    await new Promise((go) => setTimeout(go, 50));
  }
}

const isFree = (port: number) =>
  new Promise<boolean>((say) => {
    const server = createServer();
    server.once('error', () => say(false));
    server.listen(port, '127.0.0.1', () => server.close(() => say(true)));
  });

/** The first of twelve free ports. Others look at the same time, so it begins anywhere. */
async function freeBase(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const base = 20_000 + 12 * Math.floor(Math.random() * 600);
    const free = await Promise.all(Array.from({ length: 12 }, (_, i) => isFree(base + i)));
    if (free.every(Boolean)) return base;
  }
  throw new Error('no free ports');
}

export class Cluster {
  readonly #processes = new Map<Department, ChildProcess>();

  private constructor(
    readonly dir: string,
    readonly base: number,
  ) {}

  static async start(): Promise<Cluster> {
    const dir = mkdtempSync(join(results, 'cluster-'));
    const base = await freeBase();
    await run(join(bin, 'liaison'), ['keys', 'init', '--dir', dir, '--base', String(base)]);
    const cluster = new Cluster(dir, base);
    await cluster.begin(...departments);
    return cluster;
  }

  url(department: Department): string {
    return `http://127.0.0.1:${this.base + departments.indexOf(department)}`;
  }
  /** Whether an address is of one of its nodes. */
  owns(address: string): boolean {
    return departments.some((department) => address.startsWith(`${this.url(department)}/`));
  }
  log(department: Department): string {
    return readFileSync(join(this.dir, `${department}.log`), 'utf8');
  }

  isRunning(department: Department): boolean {
    return this.#processes.has(department);
  }

  /** Starts nodes that do not run, and waits until they are ready. */
  async begin(...wanted: Department[]): Promise<void> {
    for (const department of wanted) {
      if (this.isRunning(department)) continue;
      const log = openSync(join(this.dir, `${department}.log`), 'a');
      const args = ['--dir', this.dir, '--name', department, '--map-gib', '4'];
      const child = spawn('setpriv', ['--pdeathsig', 'KILL', join(bin, `liaison-${department}`), ...args], {
        stdio: ['ignore', log, log],
        env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=0' },
      });
      closeSync(log);
      child.once('exit', () => this.#processes.delete(department));
      this.#processes.set(department, child);
    }
    for (const department of wanted)
      await until(`${department} to be ready`, async () => {
        if (!this.isRunning(department)) throw new Error(`${department} ended:\n${this.log(department).slice(-2000)}`);
        return (await fetch(`${this.url(department)}/readyz`).catch(() => undefined))?.ok ?? false;
      });
  }

  async #end(department: Department, signal: NodeJS.Signals): Promise<void> {
    const child = this.#processes.get(department);
    if (!child) return;
    const ended = new Promise((go) => child.once('exit', go));
    child.kill(signal);
    await ended;
  }
  /** In order, as an operator does. */
  stop(department: Department): Promise<void> {
    return this.#end(department, 'SIGTERM');
  }
  /** As a power cut does. */
  kill(department: Department): Promise<void> {
    return this.#end(department, 'SIGKILL');
  }

  /** Runs the command line as the administrator. */
  async liaison(...args: string[]): Promise<string> {
    const { stdout } = await run(join(bin, 'liaison'), [...args, '--dir', this.dir], {
      env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' },
      maxBuffer: 1 << 26,
    });
    return stdout;
  }
  /** All nodes hold the same. */
  async settled(): Promise<void> {
    await this.liaison('verify', '--wait', '60');
  }

  async close(keep: boolean): Promise<void> {
    await Promise.all(departments.map((department) => this.kill(department)));
    if (!keep) rmSync(this.dir, { recursive: true, force: true });
  }
}
