// SPDX-License-Identifier: Apache-2.0
// A part of the app that is loaded when it is wanted. While no node answers it waits for one, in place of a screen
// that says which file is missing and what stood there before gone; then it comes by itself.
import { askReachable, whenReachable } from '@/api/client';

export const patient =
  <T>(load: () => Promise<T>) =>
  async (): Promise<T> => {
    for (;;) {
      try {
        return await load();
      } catch (error) {
        // Of another version than the node now has, or broken: waiting does not help.
        if (await askReachable()) throw error;
        await whenReachable();
      }
    }
  };
