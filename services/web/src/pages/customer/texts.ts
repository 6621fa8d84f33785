// SPDX-License-Identifier: Apache-2.0
// Only what the sidebar, the palette and tabs name: it is in the first load.
import { defineTexts } from '@/texts';

export const { texts, useTexts: useTitles } = defineTexts('customer', {
  en: {
    timeline: 'Timeline',
    duplicates: 'Likely the same customer',
    standing: 'What the customer is worth',
    consents: 'May we contact them?',
  },
  de: {
    timeline: 'Verlauf',
    duplicates: 'Wohl derselbe Kunde',
    standing: 'Was der Kunde wert ist',
    consents: 'Dürfen wir Kontakt aufnehmen?',
  },
});
