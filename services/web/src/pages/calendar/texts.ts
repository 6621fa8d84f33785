// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

export const { texts, useTexts } = defineTexts('calendar', {
  en: { title: 'Calendar' },
  de: { title: 'Kalender' },
});
