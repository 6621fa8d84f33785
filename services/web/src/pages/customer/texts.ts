// SPDX-License-Identifier: Apache-2.0
// Only what the sidebar, the palette and tabs name: it is in the first load.
import { defineTexts } from '@/texts';

export const { texts } = defineTexts('customer', {
  en: {
    customer: 'Customer',
    timeline: 'Timeline',
    receipts: 'Receipts',
    export: 'Export everything about them',
    erase: 'Erase for good',
  },
  de: {
    customer: 'Kunde',
    timeline: 'Verlauf',
    receipts: 'Quittungen',
    export: 'Alles über sie exportieren',
    erase: 'Endgültig löschen',
  },
});
