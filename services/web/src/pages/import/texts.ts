// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

export const { texts } = defineTexts('import', {
  en: { title: 'Import' },
  de: { title: 'Import' },
});
