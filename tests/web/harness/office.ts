// SPDX-License-Identifier: Apache-2.0
// A cluster with people and a made-up company in it: what a worker's tests share. Tests make the records that
// they change themselves, so that none depends on another.
import { mkdirSync } from 'node:fs';
import { Api } from './api.ts';
import { Cluster, departments } from './cluster.ts';
import { employ, type People } from './people.ts';
import { results } from './places.ts';

export interface Office {
  cluster: Cluster;
  people: People;
  /** Speaks as the administrator. */
  api: Api;
}

export async function openOffice(customers: number): Promise<Office> {
  mkdirSync(results, { recursive: true });
  const cluster = await Cluster.start();
  try {
    await cluster.liaison('sample', '--customers', String(customers), '--seed', '1');
    const people = await employ(cluster);
    await cluster.settled();
    return { cluster, people, api: new Api(cluster, people.ada.token) };
  } catch (error) {
    const ends = departments.map((department) => `--- ${department}\n${cluster.log(department).slice(-1500)}`);
    console.error(ends.join('\n'));
    await cluster.close(true);
    throw error;
  }
}
