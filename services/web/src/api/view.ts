// SPDX-License-Identifier: Apache-2.0
// Looking at the app with the rights of somebody else: an administrator may, in one tab, and changes nothing.
// It begins and ends with a new page, so that nothing of the one is left on the screen of the other.

export interface View {
  /** Of a user, or of a role. */
  id: string;
  name: string;
}

const key = 'liaison.view';

function read(): View | undefined {
  try {
    const view = JSON.parse(sessionStorage.getItem(key) ?? 'null') as View | null;
    return view?.id ? view : undefined;
  } catch {
    return undefined;
  }
}

const current = typeof sessionStorage === 'undefined' ? undefined : read();

export const view = () => current;
export const isViewing = () => current !== undefined;

/** What every request says then. */
export const viewHeaders = (): Record<string, string> => (current ? { 'Liaison-View-As': current.id } : {});

export function lookAs(next: View) {
  sessionStorage.setItem(key, JSON.stringify(next));
  location.assign('/');
}

/** Back to oneself, to where one may have come from. */
export function lookAsOneself(path = '/') {
  sessionStorage.removeItem(key);
  location.assign(path);
}
