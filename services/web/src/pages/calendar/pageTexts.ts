// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

export const { texts: pageTexts, useTexts: usePageTexts } = defineTexts('calendarPage', {
  en: {
    what: 'What is shown',
    view: 'View',
    month: 'Month',
    week: 'Week',
    today: 'Today',
    previous: 'Earlier',
    next: 'Later',
    more: '{{count}} more',
    moveHint: 'Alt with an arrow key moves it to another day',
    nothing: 'Nothing in this time',
    tooMany: 'Only the first {{count}} are shown',
  },
  de: {
    what: 'Was gezeigt wird',
    view: 'Ansicht',
    month: 'Monat',
    week: 'Woche',
    today: 'Heute',
    previous: 'Früher',
    next: 'Später',
    more: '{{count}} weitere',
    moveHint: 'Alt mit einer Pfeiltaste schiebt es auf einen anderen Tag',
    nothing: 'Nichts in dieser Zeit',
    tooMany: 'Nur die ersten {{count}} werden gezeigt',
  },
});
