// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

export const { texts } = defineTexts('access', {
  en: { title: 'People and rights', rights: 'Rights' },
  de: { title: 'Personen und Rechte', rights: 'Rechte' },
});
