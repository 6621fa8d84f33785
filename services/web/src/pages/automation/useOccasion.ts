// SPDX-License-Identifier: Apache-2.0
// What sets a rule off, in a sentence.
import type { Row } from '@/api/records';
import { useSchemaTexts } from '@/texts/schema';
import { useTexts } from './pageTexts';
import { occasionOf } from './said';

export function useOccasion() {
  const t = useTexts();
  const { valueText } = useSchemaTexts();
  return (row: Row) => {
    const { key, values } = occasionOf(row);
    const said = { ...values };
    if (said.change) said.change = t(said.change as 'any');
    if (said.kind) said.kind = valueText(said.kind);
    return t(key, said);
  };
}
