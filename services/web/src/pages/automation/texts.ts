// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

export const { texts } = defineTexts('automation', {
  en: { title: 'Automation', steps: 'Steps' },
  de: { title: 'Automation', steps: 'Schritte' },
});
