// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

export const { texts, useTexts } = defineTexts('dashboard', {
  en: { title: 'Dashboard' },
  de: { title: 'Übersicht' },
});
