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
    noFilterHint: 'Add a condition to say whom the segment is for.',
    conditions: 'Conditions',
    save: 'Save',
    discard: 'Discard changes',
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
    noFilterHint: 'Sagen Sie mit einer Bedingung, für wen das Segment ist.',
    conditions: 'Bedingungen',
    save: 'Speichern',
    discard: 'Änderungen verwerfen',
    nobody: 'Niemand passt',
    nobodyHint: 'Andere Bedingungen passen auf jemanden. Wer später passt, wird von selbst eingetragen.',
  },
});
