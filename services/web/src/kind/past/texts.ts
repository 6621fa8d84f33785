// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

export const { texts, useTexts } = defineTexts('past', {
  en: {
    now: 'now',
    emptyNow: 'now empty',
    unknownThen: 'not known any more',
    isPast: 'This is the past: {{when}}',
    readOnly: 'Nothing can be changed here.',
    isNow: 'The page as it is. Go back in time to see what it was.',
    slider: 'Moment of the past',
    earlier: 'The change before',
    later: 'The change after',
    moment: 'Any moment',
    backToNow: 'Back to now',
    close: 'Close',
    changes_one: '{{count}} change',
    changes_other: '{{count}} changes',
  },
  de: {
    now: 'jetzt',
    emptyNow: 'jetzt leer',
    unknownThen: 'nicht mehr bekannt',
    isPast: 'Das ist die Vergangenheit: {{when}}',
    readOnly: 'Hier lässt sich nichts ändern.',
    isNow: 'Die Seite, wie sie ist. Gehen Sie zurück, um zu sehen, was sie war.',
    slider: 'Zeitpunkt der Vergangenheit',
    earlier: 'Die Änderung davor',
    later: 'Die Änderung danach',
    moment: 'Beliebiger Zeitpunkt',
    backToNow: 'Zurück zu jetzt',
    close: 'Schließen',
    changes_one: '{{count}} Änderung',
    changes_other: '{{count}} Änderungen',
  },
});
