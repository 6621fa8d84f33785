// SPDX-License-Identifier: Apache-2.0
// Where things are. BIN is the folder of the built programs, as for all tests.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
export const bin =
  process.env.BIN ??
  ['build/dev/bin', 'build/release/bin'].map((folder) => join(root, folder)).find((folder) => existsSync(folder)) ??
  '';
/** What the tests leave: traces of failed ones, and pictures of every page. */
export const results = join(root, 'build/web');
export const shots = join(results, 'shots');
