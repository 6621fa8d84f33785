// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

export const { texts } = defineTexts('handover', {
  en: { handovers: 'Hand-overs' },
  de: { handovers: 'Übergaben' },
});
