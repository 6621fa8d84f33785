// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

export const { texts, useTexts } = defineTexts('today', {
  en: { title: 'Today' },
  de: { title: 'Heute' },
});
