// SPDX-License-Identifier: Apache-2.0
// Short words at the corner of the screen.
import { inWords } from '@/api/problem';

export interface Saying {
  /** The same id replaces what it said before. */
  id?: string;
  action?: { label: string; run: () => void };
  color?: string;
}

export const say = (text: string, saying: Saying = {}) =>
  void import('./toasts').then(({ show }) => show(text, saying));

export const sayFailure = (error: unknown) => say(inWords(error), { color: 'red' });
