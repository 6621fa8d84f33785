// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

export const { texts } = defineTexts('automation', {
  en: {
    title: 'Automation',
    steps: 'Steps',
    newRule: 'New rule',
    newFlow: 'New flow',
    save: 'Save rule or flow',
  },
  de: {
    title: 'Automation',
    steps: 'Schritte',
    newRule: 'Neue Regel',
    newFlow: 'Neuer Ablauf',
    save: 'Regel oder Ablauf speichern',
  },
});
