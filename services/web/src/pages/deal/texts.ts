// SPDX-License-Identifier: Apache-2.0
// Only what the palette, the page of keys and tabs name: it is in the first load.
import { defineTexts } from '@/texts';

export const { texts } = defineTexts('deal', {
  en: {
    deal: 'Deal',
    timeline: 'Timeline',
    forward: 'Next stage',
    back: 'Stage before',
    win: 'Won',
    lose: 'Lost',
    reopen: 'Open again',
  },
  de: {
    deal: 'Verkaufschance',
    timeline: 'Verlauf',
    forward: 'Nächste Stufe',
    back: 'Stufe davor',
    win: 'Gewonnen',
    lose: 'Verloren',
    reopen: 'Wieder öffnen',
  },
});
