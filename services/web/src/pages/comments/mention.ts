// SPDX-License-Identifier: Apache-2.0
// "@na" behind the caret: whom somebody is about to mention. Pure.

/** The text behind an @ that begins a word and ends at the caret; undefined: none. */
export function mentionAt(text: string, caret: number): { from: number; name: string } | undefined {
  const before = text.slice(0, caret);
  const found = /(?:^|\s)@([\p{L}\p{M}.'-]*(?: [\p{L}\p{M}.'-]*)?)$/u.exec(before);
  return found ? { from: caret - (found[1] ?? '').length - 1, name: found[1] ?? '' } : undefined;
}

export function withMention(
  text: string,
  from: number,
  caret: number,
  name: string,
): { text: string; caret: number } {
  const said = `@${name} `;
  return { text: text.slice(0, from) + said + text.slice(caret), caret: from + said.length };
}

/** Of people who were picked, those whose name still stands in the text. */
export const mentioned = (text: string, people: { id: string; name: string }[]): string[] => [
  ...new Set(people.filter((one) => text.includes(`@${one.name}`)).map((one) => one.id)),
];
