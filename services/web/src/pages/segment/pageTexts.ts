// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

export const { texts: pageTexts, useTexts: usePageTexts } = defineTexts('segmentPage', {
  en: {
    fits_one: '{{shown}} customer fits now',
    fits_other: '{{shown}} customers fit now',
    atLeast: 'at least {{count}}',
    ofAll: '{{share}} of all {{all}}',
    members_one: '{{count}} is entered as a member',
    members_other: '{{count}} are entered as members',
    sample: 'Some of them',
    open: 'Open as a list',
    noFilter: 'No filter yet',
    noFilterHint: 'Say in the field “Filter” whom the segment is for, as in country = "DE".',
    nobody: 'Nobody fits',
    nobodyHint: 'Other conditions would fit somebody. Who comes to fit is entered by itself.',
  },
  de: {
    fits_one: '{{shown}} Kunde passt jetzt',
    fits_other: '{{shown}} Kunden passen jetzt',
    atLeast: 'mindestens {{count}}',
    ofAll: '{{share}} von allen {{all}}',
    members_one: '{{count}} ist als Mitglied eingetragen',
    members_other: '{{count}} sind als Mitglieder eingetragen',
    sample: 'Einige davon',
    open: 'Als Liste öffnen',
    noFilter: 'Noch kein Filter',
    noFilterHint: 'Sagen Sie im Feld „Filter“, für wen das Segment ist, etwa country = "DE".',
    nobody: 'Niemand passt',
    nobodyHint: 'Andere Bedingungen passen auf jemanden. Wer später passt, wird von selbst eingetragen.',
  },
});
