// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

export const { texts, useTexts } = defineTexts('segment', {
  en: { customers: 'Who is in it' },
  de: { customers: 'Wer dazugehört' },
});
