// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

export const { texts, useTexts } = defineTexts('schema-area', {
  en: { title: 'Fields and kinds' },
  de: { title: 'Felder und Arten' },
});
