// SPDX-License-Identifier: Apache-2.0
// What a sign-in that was refused says on the page.
import { ApiError } from '@/api/problem';

const byCode = {
  'directory-fails': 'directoryFails',
  'no-group': 'noGroup',
  'no-account': 'noAccount',
  'account-is-closed': 'accountIsClosed',
  'is-administrator': 'isAdministrator',
} as const;

export type Refusal = (typeof byCode)[keyof typeof byCode] | 'wrong' | 'wrongName';

const isKnown = (code: string | undefined): code is keyof typeof byCode =>
  code !== undefined && Object.hasOwn(byCode, code);

/** The name of the text; undefined: what any request that fails says. */
export function refusalOf(error: unknown, hasDirectory: boolean): Refusal | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (isKnown(error.problem.code)) return byCode[error.problem.code];
  if (error.status !== 401) return undefined;
  return hasDirectory ? 'wrongName' : 'wrong';
}
