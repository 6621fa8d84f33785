// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

export const { texts } = defineTexts('viewas', {
  en: { title: 'Look as somebody else', group: 'App' },
  de: { title: 'Mit anderen Augen sehen', group: 'App' },
});
