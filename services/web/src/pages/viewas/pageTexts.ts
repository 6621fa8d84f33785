// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

export const { texts, useTexts } = defineTexts('viewasPage', {
  en: {
    hint: 'This tab shows what they see, and changes nothing. The audit trail says that you looked.',
    people: 'People',
    roles: 'Roles, as if somebody had this one alone',
    lookAs: 'Look as {{name}}',
    look: 'Look as',
    find: 'Find a person or a role',
    forAdministrators: 'Only administrators can look as somebody else.',
  },
  de: {
    hint: 'Dieser Tab zeigt, was sie sehen, und ändert nichts. Das Protokoll hält fest, dass Sie nachgesehen haben.',
    people: 'Personen',
    roles: 'Rollen, als hätte jemand nur diese',
    lookAs: 'Als {{name}} sehen',
    look: 'Sehen',
    find: 'Person oder Rolle finden',
    forAdministrators: 'Nur die Verwaltung kann mit anderen Augen sehen.',
  },
});
