// SPDX-License-Identifier: Apache-2.0
// Only what the sidebar, the palette and tabs name: it is in the first load.
import { defineTexts } from '@/texts';

export const { texts, useTexts: useTitles } = defineTexts('network', {
  en: {
    title: 'Departments',
  },
  de: {
    title: 'Abteilungen',
  },
});
